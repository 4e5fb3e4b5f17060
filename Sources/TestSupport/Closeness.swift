import NunchiGraph
import NunchiTensors

/// How far a computed value may lie from the exact one, derived from the length of the sum behind it.
///
/// A sum of n products in floating point of machine epsilon ε is off by at most n·ε·Σ|products|, and each function
/// behind it by a few ε more. `scale` stands for Σ|products|, usually the largest magnitude that occurs.
public struct Tolerance: Sendable {
  public let bound: Double

  /// - Parameters:
  ///   - length: the number of terms of the sum; 1 for a single operation.
  ///   - scale: the sum of their magnitudes.
  ///   - epsilon: of the arithmetic; Float's where nothing is said.
  ///   - functions: operations behind the sum, each good for two units in the last place.
  public init(
    sumOf length: Int, scale: Double = 1, epsilon: Double = Double(Float.ulpOfOne), functions: Int = 0
  ) {
    precondition(length > 0 && scale >= 0)
    bound = (Double(length) + 2 * Double(functions)) * epsilon * scale
  }

  /// Equality of bits, but for the sign of zero.
  public static let exact = Tolerance(bound: 0)

  private init(bound: Double) { self.bound = bound }
}

/// Why two tensors are not close; nil if they are. The shape is compared first, then the worst element is named.
public func difference(
  shape: Shape, _ actual: [Double], expectedShape: Shape, _ expected: [Double], _ tolerance: Tolerance
) -> String? {
  guard shape == expectedShape else { return "shape \(shape), expected \(expectedShape)" }
  guard actual.count == expected.count, actual.count == shape.count else {
    return "\(actual.count) and \(expected.count) elements for shape \(shape)"
  }
  var worst: (index: Int, distance: Double)?
  for (index, (a, e)) in zip(actual, expected).enumerated() {
    let same = a == e || (a.isNaN && e.isNaN)
    let distance = same ? 0 : (a - e).isNaN ? Double.infinity : abs(a - e)
    if distance > tolerance.bound, distance > worst?.distance ?? 0 { worst = (index, distance) }
  }
  guard let worst else { return nil }
  return "element \(multiIndex(worst.index, shape)): \(actual[worst.index]), expected \(expected[worst.index]); "
    + "off by \(worst.distance), tolerance \(tolerance.bound)"
}

/// The index of an element along each axis.
private func multiIndex(_ position: Int, _ shape: Shape) -> [Int] {
  zip(shape.strides, shape.extents).map { position / $0 % $1 }
}

extension ReferenceArray {
  /// Why the array is not close to `expected`; nil if it is.
  public func difference<Other>(from expected: ReferenceArray<Other>, _ tolerance: Tolerance) -> String? {
    NunchiTestSupport.difference(
      shape: shape, values.map { Double($0) }, expectedShape: expected.shape, expected.values.map { Double($0) },
      tolerance)
  }
}

extension Tensor {
  /// Why the tensor is not close to `expected`; nil if it is.
  public func difference(from expected: Tensor, _ tolerance: Tolerance) -> String? {
    NunchiTestSupport.difference(
      shape: shape, floats.map(Double.init), expectedShape: expected.shape, expected.floats.map(Double.init),
      tolerance)
  }
}
