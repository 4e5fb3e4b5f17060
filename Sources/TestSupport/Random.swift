import NunchiGraph
import NunchiTensors

extension Tensor {
  /// Floats uniform in `range`, the same for the same seed and shape.
  public static func random(_ shape: Shape, in range: ClosedRange<Float> = -1...1, seed: UInt64 = 0) -> Tensor {
    var stream = RandomStream(seed: seed, name: "test \(shape)")
    return Tensor(shape, (0..<shape.count).map { _ in stream.uniform(range) })
  }

  /// Bytes 0…255.
  public static func randomBytes(_ shape: Shape, seed: UInt64 = 0) -> Tensor {
    var stream = RandomStream(seed: seed, name: "test bytes \(shape)")
    return Tensor(shape, bytes: (0..<shape.count).map { _ in UInt8(stream.integer(below: 256)) })
  }

  /// Class indices below `classes`.
  public static func randomClasses(_ rows: Int, below classes: Int, seed: UInt64 = 0) -> Tensor {
    var stream = RandomStream(seed: seed, name: "test classes \(rows)")
    return Tensor([rows], integers: (0..<rows).map { _ in Int32(stream.integer(below: classes)) })
  }
}
