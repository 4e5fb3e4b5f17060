/// How a parameter gets its first values. Fan-in and fan-out are the inputs and outputs of one unit.
public enum Initializer: Hashable, Sendable {
  /// All 0.
  case zeros
  /// All 1.
  case ones
  /// All the same.
  case constant(Float)
  /// Normal with the given deviation.
  case normal(deviation: Float)
  /// Uniform in ±`bound`.
  case uniform(bound: Float)
  /// He (Kaiming): normal with variance 2 / fan-in; keeps the scale of activations through ReLU layers.
  case he
  /// Xavier (Glorot): uniform in ±√(6 / (fan-in + fan-out)).
  case xavier
  /// LeCun: normal with variance 1 / fan-in.
  case leCun
  /// Uniform in ±1/√fan-in, PyTorch's default for weights and biases.
  case torchDefault

  /// `count` values from `stream`.
  public func values(count: Int, fanIn: Int, fanOut: Int, from stream: inout RandomStream) -> [Float] {
    switch self {
    case .zeros: return [Float](repeating: 0, count: count)
    case .ones: return [Float](repeating: 1, count: count)
    case .constant(let value): return [Float](repeating: value, count: count)
    case .normal(let deviation): return (0..<count).map { _ in deviation * stream.normal() }
    case .uniform(let bound): return (0..<count).map { _ in stream.uniform(-bound...bound) }
    case .he:
      let deviation = (2 / Float(max(fanIn, 1))).squareRoot()
      return (0..<count).map { _ in deviation * stream.normal() }
    case .xavier:
      let bound = (6 / Float(max(fanIn + fanOut, 1))).squareRoot()
      return (0..<count).map { _ in stream.uniform(-bound...bound) }
    case .leCun:
      let deviation = (1 / Float(max(fanIn, 1))).squareRoot()
      return (0..<count).map { _ in deviation * stream.normal() }
    case .torchDefault:
      let bound = 1 / Float(max(fanIn, 1)).squareRoot()
      return (0..<count).map { _ in stream.uniform(-bound...bound) }
    }
  }
}
