/// Height and width of a window or of its steps, in pixels. A literal is a square: `kernel: 3`.
public struct WindowSize: Hashable, Sendable, ExpressibleByIntegerLiteral, CustomStringConvertible {
  public var height: Int
  public var width: Int

  public init(_ height: Int, _ width: Int) {
    self.height = height
    self.width = width
  }

  public init(_ side: Int) { self.init(side, side) }
  public init(integerLiteral side: Int) { self.init(side, side) }

  var pair: (Int, Int) { (height, width) }
  var isPositive: Bool { height > 0 && width > 0 }

  /// `3` for a square, `3x5` otherwise.
  public var description: String { height == width ? "\(height)" : "\(height)x\(width)" }
}
