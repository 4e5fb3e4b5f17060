/// Why a text is no augmentation.
public struct AugmentationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What would have been right.
  public let expected: String
  /// What stands there instead, in quotes, or "the end".
  public let found: String
  /// How many characters stand before it.
  public let position: Int
  /// What to write, where that is certain.
  public let remedy: String?

  public var description: String {
    "expected \(expected), found \(found) at character \(position + 1)" + (remedy.map { "; \($0)" } ?? "")
  }
}
