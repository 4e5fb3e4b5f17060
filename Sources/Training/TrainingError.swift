import NunchiSystem

/// Why a training could not begin or go on.
public enum TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A setting outside of what makes sense; `name` is the flag's.
  case setting(name: String, expected: String, found: String)
  /// The data set cannot be trained on.
  case data(path: String, expected: String, found: String)
  /// A training needs more bytes than there are.
  case memory(MemoryShortage)
  /// The loss, a gradient or the outputs in validation are not finite, or out of all bounds.
  case diverged(Divergence)
  /// The model to start from does not fit.
  case start(path: String, expected: String, found: String)
  /// A checkpoint cannot be read, or does not fit what is to be resumed.
  case checkpoint(path: String, String)
  /// The data set is not the one that the run was trained on.
  case dataChanged(path: String)
  /// What ended the training of one fold.
  indirect case fold(Fold, TrainingError)
  /// A run folder cannot be read back.
  case run(path: String, expected: String, found: String)
  /// A file of the run folder cannot be read or written.
  case file(FileError)

  public var description: String {
    switch self {
    case .setting(let name, let expected, let found): "\(name): expected \(expected), found \(found)"
    case .data(let path, let expected, let found): "\(path): expected \(expected), found \(found)"
    case .diverged(let divergence): divergence.problem + "; " + divergence.remedy
    case .memory(let shortage): shortage.problem + "; " + shortage.remedy
    case .start(let path, let expected, let found): "\(path): expected \(expected), found \(found)"
    case .fold(let fold, let error): "fold \(fold.number) of \(fold.count): \(error)"
    case .run(let path, let expected, let found): "\(path): expected \(expected), found \(found)"
    case .checkpoint(let path, let problem): "\(path): \(problem)"
    case .dataChanged(let path):
      "\(path): expected the images that the run was trained on, found others; restore them, or train anew "
        + "(--from starts with the weights of the run)"
    case .file(let error): error.description
    }
  }
}
