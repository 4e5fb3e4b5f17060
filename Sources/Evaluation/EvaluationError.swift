/// Answers that cannot be evaluated, or a request about them that cannot be read or met.
public enum EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// There are no images.
  case empty
  /// A class number is outside `0..<classes`; `role` is "true" or "predicted".
  case classOutOfRange(role: String, found: Int, classes: Int)
  /// The counts of true classes, predictions or probabilities do not match.
  case countMismatch(what: String, expected: Int, found: Int)
  /// A probability is NaN or infinite.
  case notFinite(image: Int, className: String)
  /// A text, such as that of a threshold rule or a gate, cannot be parsed.
  case notUnderstood(what: String, expected: String, found: String)
  /// A threshold needs images of the class and of others, and one kind is missing.
  case noContrast(className: String, images: Int, others: Int)
  /// No threshold reaches what the rule asks for; the best one reaches `best`.
  case unattainable(rule: String, className: String, best: Double)
  /// Two lists of answers have different classes.
  case otherClasses(expected: [String], found: [String])
  /// Two lists of answers are of different images: the true classes of one differ.
  case otherImages(image: Int, expected: String, found: String)
  /// The number of folds is below two, or above the number of images or groups.
  case folds(wanted: Int, groups: Int)

  public var description: String {
    switch self {
    case .empty: "evaluation: expected at least one image, found none"
    case .classOutOfRange(let role, let found, let classes):
      "evaluation: expected a \(role) class from 0 to \(classes - 1), found \(found)"
    case .countMismatch(let what, let expected, let found):
      "evaluation: expected \(expected) \(what), found \(found)"
    case .notFinite(let image, let className):
      "evaluation: expected finite probabilities, found another for class \(className) of image \(image)"
    case .notUnderstood(let what, let expected, let found): "\(what): expected \(expected), found '\(found)'"
    case .noContrast(let className, let images, let others):
      "threshold of class \(className): expected images of the class and others, found \(images) and \(others)"
    case .unattainable(let rule, let className, let best):
      "threshold of class \(className): expected \(rule), found at most \(decimal(best)); ask for less"
    case .otherClasses(let expected, let found):
      "comparison: expected the classes \(expected.joined(separator: ", ")), found \(found.joined(separator: ", "))"
    case .otherImages(let image, let expected, let found):
      "comparison: expected the same images in the same order, found class \(found) instead of \(expected) for image "
        + "\(image)"
    case .folds(_, let groups) where groups < 2: "folds: expected at least two images or groups, found \(groups)"
    case .folds(let wanted, let groups):
      "folds: expected a number from 2 to \(groups), that of the images or groups, found \(wanted)"
    }
  }
}
