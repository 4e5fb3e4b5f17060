import NunchiGraph
import NunchiTensors
import NunchiTestSupport

/// How far computed numbers may lie from recorded ones.
struct Tolerance {
  /// The longest sum behind an element.
  let length: Int
  /// What no partial sum exceeds in absolute value.
  let magnitude: Double
  /// Relative to the recorded number: half a unit of Float where it was stored as one.
  var relative = 0.0

  /// Each of `length` additions may err by half a unit of the sum so far, which `magnitude` bounds; 16 units stand for
  /// what is not a sum: products, exponentials, quotients. A unit is `T.ulpOfOne`.
  func absolute<T: ReferenceScalar>(_ type: T.Type) -> Double {
    (Double(length) / 2 + 16) * Double(T.ulpOfOne) * magnitude
  }
}

/// Where two arrays differ most, in units of what is allowed.
struct Difference: CustomStringConvertible {
  let index: [Int]
  let found: Double
  let expected: Double
  let allowed: Double

  var description: String {
    "at \(index): found \(found), PyTorch \(expected), difference \(abs(found - expected)), allowed \(allowed)"
  }
}

/// nil where shapes are equal and every element lies within the tolerance; otherwise what is wrong: the shape, or the
/// worst element with its index. A number that is not finite agrees only with its like.
func disagreement<T: ReferenceScalar>(
  _ found: ReferenceArray<T>, _ expected: ReferenceArray<Double>, _ tolerance: Tolerance
) -> String? {
  guard found.shape == expected.shape else { return "shape \(found.shape), PyTorch \(expected.shape)" }
  let absolute = tolerance.absolute(T.self)
  var worst: (excess: Double, position: Int)?
  for (position, (a, b)) in zip(found.values, expected.values).enumerated() {
    let a = Double(a)
    if a == b || (a.isNaN && b.isNaN) { continue }
    let allowed = absolute + tolerance.relative * abs(b)
    let excess = a.isFinite && b.isFinite ? abs(a - b) / allowed : .infinity
    if excess > worst?.excess ?? 1 { worst = (excess, position) }
  }
  guard let worst else { return nil }
  let position = worst.position
  let index = zip(expected.shape.strides, expected.shape.extents).map { position / $0 % $1 }
  let expectedValue = expected.values[position]
  let difference = Difference(
    index: index, found: Double(found.values[position]), expected: expectedValue,
    allowed: absolute + tolerance.relative * abs(expectedValue))
  return "\(difference)"
}
