import NunchiGraph
import NunchiTestSupport
import Testing

/// The names of the functions of one number. Without `default`: a new one must be named.
private func name(_ function: MapFunction) -> String {
  switch function {
  case .step: "step"
  case .sigmoid: "sigmoid"
  case .tanh: "tanh"
  case .relu: "relu"
  case .leakyReLU: "leakyReLU"
  case .elu: "elu"
  case .exponential: "exponential"
  case .logarithm: "logarithm"
  case .power: "power"
  case .affine: "affine"
  case .clip: "clip"
  case .hardSigmoid: "hardSigmoid"
  case .hardSwish: "hardSwish"
  case .silu: "silu"
  case .mish: "mish"
  case .gelu: "gelu"
  case .geluTanh: "geluTanh"
  case .smoothAbsolute: "smoothAbsolute"
  }
}

/// The fixtures hold every operation, so that none goes unchecked.
@Suite struct CoverageTests {
  private func nodes() throws -> [Operation] {
    let fixture = try Fixture.load("operations")
    return try fixture.cases.flatMap { try TracedOperation($0, in: fixture).graph.nodes.map(\.operation) }
  }

  /// PyTorch draws other dropout masks, and a custom operation is the user's own.
  @Test func everyOperationThatPyTorchHas() throws {
    let missing = Set(try operationNames()).subtracting(try nodes().map(\.caseName))
    #expect(missing == ["dropout", "custom"])
  }

  @Test func everyKindOfOperation() throws {
    var functions: Set<String> = []
    var pools: Set<String> = []
    var binaries: Set<Binary.Kind> = []
    var reductions: Set<Reduce.Kind> = []
    var products: Set<[Bool]> = []
    for operation in try nodes() {
      switch operation {
      case .map(let rule): functions.insert(name(rule.function))
      case .pool(let rule):
        pools.insert("\(rule.kind) ceil \(rule.ceil) padding \(rule.window.top > 0) \(rule.countsPadding)")
      case .binary(let rule): binaries.insert(rule.kind)
      case .reduce(let rule): reductions.insert(rule.kind)
      case .matrixProduct(let rule): products.insert([rule.transposesLeft, rule.transposesRight])
      default: break
      }
    }
    let all: [MapFunction] = [
      .step, .sigmoid, .tanh, .relu, .leakyReLU(slope: 1), .elu(alpha: 1), .exponential, .logarithm,
      .power(exponent: 1), .affine(scale: 1, offset: 0), .clip(low: 0, high: 6), .hardSigmoid, .hardSwish, .silu, .mish,
      .gelu, .geluTanh, .smoothAbsolute(beta: 1),
    ]
    #expect(functions == Set(all.map(name)))
    for kind in [Pool.Kind.maximum, .minimum, .average] {
      for ceil in [false, true] { #expect(pools.contains("\(kind) ceil \(ceil) padding true true")) }
    }
    for ceil in [false, true] { #expect(pools.contains("\(Pool.Kind.average) ceil \(ceil) padding true false")) }
    #expect(binaries == [.add, .subtract, .multiply, .divide, .logisticLoss])
    #expect(reductions == [.sum, .mean, .maximum])
    #expect(products.count == 4)
  }
}
