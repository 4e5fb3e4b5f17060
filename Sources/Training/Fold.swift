/// One fold of a cross-validation, which is the test split of one training.
public struct Fold: Sendable, Hashable, CustomStringConvertible {
  /// The number of the fold, counted from 1.
  public let number: Int
  /// How many folds there are.
  public let count: Int

  /// Fold `number`, counted from 1, of `count` folds.
  public init(_ number: Int, of count: Int) {
    precondition(count >= 2 && (1...count).contains(number), "there is no fold \(number) of \(count)")
    (self.number, self.count) = (number, count)
  }

  /// Parses a text such as `2/5`; nil for anything else.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 2, (1...count).contains(number)
    else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// Such as `2/5`.
  public var description: String { "\(number)/\(count)" }
}

/// All folds of a cross-validation, or one of them.
package enum FoldChoice: Sendable, Hashable, CustomStringConvertible {
  case all(Int)
  case one(Fold)

  /// Parses `5` or `2/5`; nil for anything else, and for fewer than two folds.
  package init?(_ text: String) {
    if let fold = Fold(text) {
      self = .one(fold)
    } else if let count = Int(text), count >= 2 {
      self = .all(count)
    } else {
      return nil
    }
  }

  package var description: String {
    switch self {
    case .all(let count): String(count)
    case .one(let fold): fold.description
    }
  }

  /// The fold, where only one is trained.
  var fold: Fold? {
    switch self {
    case .all: nil
    case .one(let fold): fold
    }
  }

  /// How many folds the data set is divided into.
  package var count: Int {
    switch self {
    case .all(let count): count
    case .one(let fold): fold.count
    }
  }
}
