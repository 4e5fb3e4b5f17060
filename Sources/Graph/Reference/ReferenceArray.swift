import NunchiSystem
import NunchiTensors

/// A number that the reference computes with: `Float` to compare with kernels, `Double` to check gradients.
public protocol ReferenceScalar: BinaryFloatingPoint, Sendable {
  /// eˣ
  static func exponential(_ x: Self) -> Self
  /// The natural logarithm.
  static func logarithm(_ x: Self) -> Self
  /// The hyperbolic tangent.
  static func hyperbolicTangent(_ x: Self) -> Self
  /// x to an exponent.
  static func power(_ x: Self, _ exponent: Self) -> Self
  /// 1 − erf(x)
  static func complementaryErrorFunction(_ x: Self) -> Self
}

extension Float: ReferenceScalar {
  /// eˣ
  public static func exponential(_ x: Float) -> Float { expf(x) }
  /// The natural logarithm.
  public static func logarithm(_ x: Float) -> Float { logf(x) }
  /// The hyperbolic tangent.
  public static func hyperbolicTangent(_ x: Float) -> Float { tanhf(x) }
  /// x to an exponent.
  public static func power(_ x: Float, _ exponent: Float) -> Float { powf(x, exponent) }
  /// 1 − erf(x)
  public static func complementaryErrorFunction(_ x: Float) -> Float { erfcf(x) }
}

extension Double: ReferenceScalar {
  /// eˣ
  public static func exponential(_ x: Double) -> Double { exp(x) }
  /// The natural logarithm.
  public static func logarithm(_ x: Double) -> Double { log(x) }
  /// The hyperbolic tangent.
  public static func hyperbolicTangent(_ x: Double) -> Double { tanh(x) }
  /// x to an exponent.
  public static func power(_ x: Double, _ exponent: Double) -> Double { pow(x, exponent) }
  /// 1 − erf(x)
  public static func complementaryErrorFunction(_ x: Double) -> Double { erfc(x) }
}

/// A tensor of the reference executor: row-major, whole numbers stored as `T` too.
public struct ReferenceArray<T: ReferenceScalar>: Sendable {
  /// The extent of each axis.
  public var shape: Shape
  /// The elements, the last axis running fastest.
  public var values: [T]

  /// An array of these elements, the last axis running fastest.
  public init(_ shape: Shape, _ values: [T]) {
    precondition(values.count == shape.count, "\(values.count) values for shape \(shape)")
    self.shape = shape
    self.values = values
  }

  /// An array of zeros.
  public init(zeros shape: Shape) { self.init(shape, [T](repeating: 0, count: shape.count)) }

  /// The elements of a tensor.
  public init(_ tensor: Tensor) {
    switch tensor.elements {
    case .bytes(let values): self.init(tensor.shape, values.map { T($0) })
    case .integers(let values): self.init(tensor.shape, values.map { T($0) })
    case .floats(let values): self.init(tensor.shape, values.map { T($0) })
    }
  }

  func map(_ transform: (T) -> T) -> ReferenceArray { ReferenceArray(shape, values.map(transform)) }

  /// The element at each multi-index of `target`, indices clamped where this array's extent is 1 (broadcasting),
  /// axes aligned on the right.
  func broadcast(to target: Shape) -> ReferenceArray {
    if target == shape { return self }
    // The step in this array along each axis of the target; 0 where it repeats.
    let steps =
      [Int](repeating: 0, count: target.rank - shape.rank)
      + zip(shape.strides, shape.extents).map { $1 == 1 ? 0 : $0 }
    var result = ReferenceArray(zeros: target)
    var index = [Int](repeating: 0, count: target.rank)
    var source = 0
    for position in result.values.indices {
      result.values[position] = values[source]
      for axis in (0..<target.rank).reversed() {
        index[axis] += 1
        source += steps[axis]
        if index[axis] < target[axis] { break }
        source -= steps[axis] * target[axis]
        index[axis] = 0
      }
    }
    return result
  }
}

/// All multi-indices of `shape` in row-major order.
func indices(of shape: Shape) -> [[Int]] {
  var result: [[Int]] = [[]]
  for extent in shape.extents { result = result.flatMap { prefix in (0..<extent).map { prefix + [$0] } } }
  return result
}
