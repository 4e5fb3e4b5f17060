/// The extents of a tensor, outermost axis first. Images are `[images, height, width, channels]` (NHWC).
public struct Shape: Hashable, Sendable, ExpressibleByArrayLiteral, CustomStringConvertible {
  /// The number of elements along each axis, the outermost first.
  public var extents: [Int]

  /// A shape with these extents.
  public init(_ extents: [Int]) { self.extents = extents }
  public init(arrayLiteral elements: Int...) { extents = elements }

  /// The shape of a single number: no axes.
  public static let scalar = Shape([])

  /// The number of axes.
  public var rank: Int { extents.count }
  /// The number of elements; 1 for a scalar.
  public var count: Int { extents.reduce(1, *) }
  /// The last extent, which vectors run over; 1 for a scalar.
  public var channels: Int { extents.last ?? 1 }
  /// `count / channels`: the rows of the tensor seen as a matrix over its last axis.
  public var rows: Int { extents.dropLast().reduce(1, *) }

  /// The extent of one axis.
  public subscript(axis: Int) -> Int {
    get { extents[axis] }
    set { extents[axis] = newValue }
  }

  /// The distance in elements between neighbours along each axis, row-major and contiguous.
  public var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) { strides[axis] = strides[axis + 1] * extents[axis + 1] }
    return strides
  }

  public var description: String { "[" + extents.map(String.init).joined(separator: ", ") + "]" }
}

/// What one element of a tensor is.
public enum DataType: String, Hashable, Sendable, CaseIterable {
  /// Bytes.
  case uint8
  /// 32-bit integers.
  case int32
  /// 32-bit floating point.
  case float32

  /// Bytes an element.
  public var size: Int {
    switch self {
    case .uint8: 1
    case .int32, .float32: 4
    }
  }
}
