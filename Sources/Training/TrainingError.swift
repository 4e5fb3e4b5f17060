import NunchiSystem

/// A training could not begin or continue.
public enum TrainingError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A setting has an invalid value; `name` is that of its option.
  case setting(name: String, expected: String, found: String)
  /// The data set cannot be trained on.
  case data(path: String, expected: String, found: String)
  /// The training needs more memory than there is.
  case memory(MemoryShortage)
  /// The loss, a gradient or an output is infinite, NaN or absurdly large.
  case diverged(Divergence)
  /// The model to start from does not fit.
  case start(path: String, expected: String, found: String)
  /// A checkpoint cannot be read, or does not fit the training.
  case checkpoint(path: String, String)
  /// The data set is not the one that the run was trained on.
  case dataChanged(path: String)
  /// The training of one fold failed.
  indirect case fold(Fold, TrainingError)
  /// A run folder cannot be read.
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
