/// Height and width of a window or of its steps, in pixels. A literal is a square: `kernel: 3`.
public struct WindowSize: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  /// Rows of the window.
  public var height: Int
  /// Columns of the window.
  public var width: Int

  /// A window of this height and width.
  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  /// A square window.
  public init(_ side: Int) { self.init(side, side) }
  public init(integerLiteral side: Int) { self.init(side, side) }

  var pair: (Int, Int) { (height, width) }
  var isPositive: Bool { height > 0 && width > 0 }

  /// `3` for a square, `3x5` otherwise.
  public var description: String { height == width ? "\(height)" : "\(height)x\(width)" }
}
