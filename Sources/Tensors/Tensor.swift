/// Values on the host: a shape and its elements, row-major. For data and inspection; the engine has its own arenas.
public struct Tensor: Sendable, Equatable {
  package enum Elements: Sendable, Equatable {
    case bytes([UInt8])
    case integers([Int32])
    case floats([Float])

    var count: Int {
      switch self {
      case .bytes(let values): values.count
      case .integers(let values): values.count
      case .floats(let values): values.count
      }
    }
  }

  /// The extent of each axis.
  public let shape: Shape
  package private(set) var elements: Elements

  package init(_ shape: Shape, elements: Elements) {
    precondition(
      elements.count == shape.count, "a tensor of shape \(shape) holds \(shape.count) elements, got \(elements.count)")
    self.shape = shape
    self.elements = elements
  }

  /// A tensor of floats, the last axis running fastest.
  public init(_ shape: Shape, _ values: [Float]) { self.init(shape, elements: .floats(values)) }
  /// A tensor of bytes, the last axis running fastest.
  public init(_ shape: Shape, bytes: [UInt8]) { self.init(shape, elements: .bytes(bytes)) }
  /// A tensor of 32-bit integers, the last axis running fastest.
  public init(_ shape: Shape, integers: [Int32]) { self.init(shape, elements: .integers(integers)) }
  /// A single float.
  public init(_ scalar: Float) { self.init(.scalar, [scalar]) }
  /// A tensor whose elements are all the same.
  public init(repeating value: Float, _ shape: Shape) {
    self.init(shape, [Float](repeating: value, count: shape.count))
  }

  /// What the elements are.
  public var dataType: DataType {
    switch elements {
    case .bytes: .uint8
    case .integers: .int32
    case .floats: .float32
    }
  }

  /// The elements as floating-point numbers, whatever they are stored as.
  public var floats: [Float] {
    switch elements {
    case .bytes(let values): values.map(Float.init)
    case .integers(let values): values.map(Float.init)
    case .floats(let values): values
    }
  }

  /// Calls `body` with the raw bytes of the elements.
  public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    switch elements {
    case .bytes(let values): try values.withUnsafeBytes(body)
    case .integers(let values): try values.withUnsafeBytes(body)
    case .floats(let values): try values.withUnsafeBytes(body)
    }
  }

  /// The rows `range` of the leading axis.
  public func rows(_ range: Range<Int>) -> Tensor {
    precondition(shape.rank > 0 && range.upperBound <= shape[0], "rows \(range) of a tensor of shape \(shape)")
    var part = shape
    part[0] = range.count
    let row = shape.count / max(shape[0], 1)
    let slice = range.lowerBound * row..<range.upperBound * row
    switch elements {
    case .bytes(let values): return Tensor(part, bytes: Array(values[slice]))
    case .integers(let values): return Tensor(part, integers: Array(values[slice]))
    case .floats(let values): return Tensor(part, Array(values[slice]))
    }
  }
}
