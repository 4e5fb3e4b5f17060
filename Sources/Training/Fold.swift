/// One part of a cross-validation: the images that a training is tested on and does not see otherwise.
public struct Fold: Sendable, Hashable, CustomStringConvertible {
  /// Counted from 1.
  public let number: Int
  /// How many there are.
  public let count: Int

  /// One of so many folds, counted from 1.
  public init(_ number: Int, of count: Int) {
    precondition(count >= 2 && (1...count).contains(number), "there is no fold \(number) of \(count)")
    (self.number, self.count) = (number, count)
  }

  /// From the form of `description`; nil where it is none.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], count >= 2, (1...count).contains(number)
    else { return nil }
    (self.number, self.count) = (number, count)
  }

  /// Such as `2/5`.
  public var description: String { "\(number)/\(count)" }
}

/// A whole cross-validation, or the training of one of its folds alone.
package enum FoldChoice: Sendable, Hashable, CustomStringConvertible {
  case all(Int)
  case one(Fold)

  /// From `5` or `2/5`; nil where there would be fewer than two folds.
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

  /// The one that is trained, where it is one.
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
