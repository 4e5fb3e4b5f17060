/// Answers that cannot be evaluated.
public enum EvaluationError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Nothing was added.
  case empty
  /// A class number outside of `0..<classes`; `role` is "true" or "predicted".
  case classOutOfRange(role: String, found: Int, classes: Int)
  /// The numbers of truths, predictions or probabilities do not match.
  case countMismatch(what: String, expected: Int, found: Int)
  /// A probability that is NaN or infinite.
  case notFinite(image: Int, className: String)

  public var description: String {
    switch self {
    case .empty: "evaluation: expected at least one image, found none"
    case .classOutOfRange(let role, let found, let classes):
      "evaluation: expected a \(role) class from 0 to \(classes - 1), found \(found)"
    case .countMismatch(let what, let expected, let found):
      "evaluation: expected \(expected) \(what), found \(found)"
    case .notFinite(let image, let className):
      "evaluation: expected finite probabilities, found another for class \(className) of image \(image)"
    }
  }
}
