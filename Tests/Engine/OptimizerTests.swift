import NunchiEngine
import NunchiGraph
import NunchiLayers
import NunchiTensors
import NunchiTestSupport
import Testing

@Suite(.serialized) struct OptimizerTests {
  /// f = w², w₀ = 1, rate 0.1: three steps that anyone can follow by hand.
  static let traces: [(String, Optimizer.Rule, [Float])] = [
    ("sgd", .sgd, [0.8, 0.64, 0.512]),
    ("momentum", .momentum(0.9), [0.8, 0.46, 0.062]),
    ("nesterov", .nesterov(0.9), [0.62, 0.2224, -0.108352]),
    ("adagrad", .adaGrad(), [0.9, 0.833104, 0.780456]),
    ("rmsprop", .rmsProp(rho: 0.9), [0.683772, 0.498871, 0.369181]),
    ("adam", .adam(), [0.9, 0.800412, 0.701586]),
  ]

  @Test(arguments: traces.indices) func tracesByHand(_ index: Int) throws {
    let (name, rule, expected) = Self.traces[index]
    let w = Parameter([1], role: .weight, initializer: .ones)
    let session = try parabola(w, Optimizer(rule))
    var state = (0.0, 0.0)
    var reference = 1.0
    for (step, value) in expected.enumerated() {
      let workspace = try session.workspace(rows: 1)
      _ = session.step(workspace, rows: 1, rate: 0.1)
      #expect(abs(session.weights[w][0] - value) < 1e-5, "\(name) step \(step + 1)")
      reference = Optimizer(rule).reference(
        reference, gradient: 2 * reference, state: &state, rate: 0.1, time: step + 1, decays: true)
      #expect(abs(Float(reference) - value) < 1e-5, "\(name) reference step \(step + 1)")
    }
  }

  private func parabola(_ w: Parameter, _ optimizer: Optimizer) throws -> TrainingSession {
    let weights = Weights(WeightsLayout([("w", w)]), seed: 0)
    return try TrainingSession(
      weights: weights, optimizer: optimizer, batch: 1, seed: 0, pool: WorkerPool(threads: 1)
    ) { tracer, _ in power(tracer.parameter(w), 2).sum(axes: [0]) }
  }

  /// With a gradient of zero, decoupled decay alone moves a weight, and nothing moves a bias.
  @Test func decayMovesWeightsOnly() throws {
    let w = Parameter([40], role: .weight, initializer: .ones)
    let b = Parameter([3], role: .bias, initializer: .ones)
    let expected: Float = 1 - 0.1 * 0.5
    for rule in [Optimizer.Rule.adamW(), .sgd] {
      let session = try TrainingSession(
        weights: Weights(WeightsLayout([("b", b), ("w", w)]), seed: 0),
        optimizer: Optimizer(rule, weightDecay: 0.5), batch: 1, seed: 0, pool: WorkerPool(threads: 1)
      ) { tracer, _ in
        tracer.parameter(w).sum(axes: [0]).scaled(by: 0) + tracer.parameter(b).sum(axes: [0]).scaled(by: 0)
      }
      _ = session.step(try session.workspace(rows: 1), rows: 1, rate: 0.1)
      #expect(session.weights[w].allSatisfy { abs($0 - expected) < 1e-7 })
      #expect(session.weights[b] == [1, 1, 1])
    }
  }

  @Test func clippingBoundsNormAndValue() throws {
    let w = Parameter([4], role: .weight, initializer: .constant(10))
    let byNorm = try parabola(w, Optimizer(.sgd, clipNorm: 1))
    let outcome = byNorm.step(try byNorm.workspace(rows: 1), rows: 1, rate: 1)
    #expect(abs(outcome.update.gradientNorm - 40) < 1e-3)
    #expect(byNorm.weights[w].allSatisfy { abs($0 - 9.5) < 1e-5 })
    let byValue = try parabola(w, Optimizer(.sgd, clipValue: 0.25))
    _ = byValue.step(try byValue.workspace(rows: 1), rows: 1, rate: 1)
    #expect(byValue.weights[w].allSatisfy { abs($0 - 9.75) < 1e-5 })
  }

  /// Ten steps of PyTorch with each optimizer, loss by loss and weight by weight.
  @Test func trainsAsPyTorchDoes() throws {
    let fixture = try Fixture.load("optimizers")
    for recorded in fixture.cases where recorded.name != "network" {
      let network = try EngineNetwork(fixture, recorded.attributes)
      let losses = try fixture.array("\(recorded.name)/losses", as: Double.self).values
      for (step, expected) in losses.enumerated() {
        let loss = try network.step(step)
        let bound = 2e-5 * max(1, abs(expected))
        #expect(abs(Double(loss) - expected) < bound, "\(recorded.name) step \(step): \(loss), PyTorch \(expected)")
      }
      for (name, parameter) in network.parameters {
        let expected = try fixture.array("\(recorded.name)/last/\(name)", as: Double.self)
        let worst = zip(network.session.weights[parameter], expected.values).map { abs(Double($0) - $1) }.max()!
        #expect(worst < 2e-4, "\(recorded.name) \(name): off by \(worst)")
      }
    }
  }
}

/// The network of the fixture on the engine.
private struct EngineNetwork {
  let session: TrainingSession
  let parameters: [(name: String, parameter: Parameter)]
  private let rate: Float
  private let images: [UInt8]
  private let labels: [Int32]
  private let batch: Shape

  init(_ fixture: Fixture, _ attributes: Fixture.Attributes) throws {
    let network = try fixture.named("network").attributes
    let bytes = try fixture.array("network/images", as: Float.self)
    images = bytes.values.map { UInt8($0) }
    labels = try fixture.array("network/labels", as: Float.self).values.map { Int32($0) }
    let shape = Shape(Array(bytes.shape.extents.dropFirst()))
    batch = shape
    let decayed = try network.list("decayed")
    parameters = fixture.tensors(under: "network/initial").map { name, entry in
      let role: Parameter.Role = name.contains("running") ? .statistic : decayed.contains(name) ? .weight : .bias
      return (name, Parameter(entry.array.shape, role: role, initializer: .zeros))
    }
    let byName = Dictionary(uniqueKeysWithValues: parameters.map { ($0.name, $0.parameter) })
    var weights = Weights(WeightsLayout(parameters), seed: 0)
    for (name, entry) in fixture.tensors(under: "network/initial") {
      weights[byName[name]!] = entry.array.values.map { Float($0) }
    }
    rate = try attributes.float("rate")
    let (epsilon, momentum) = (try network.float("epsilon"), try network.float("momentum"))
    session = try TrainingSession(
      weights: weights, optimizer: try Self.optimizer(attributes), batch: shape[0], seed: 0,
      pool: WorkerPool(threads: 2)
    ) { tracer, rows in
      func value(_ name: String) -> Value { tracer.parameter(byName[name]!) }
      let bytes = tracer.input("images", shape, .uint8)
      let x = normalize(
        bytes, scale: [Float](repeating: 1 / 64, count: shape.channels),
        shift: [Float](repeating: -2, count: shape.channels))
      let convolved = convolve(x, value("0.weight"), padding: .symmetric(1)) + value("0.bias")
      let normalized = batchNormalize(
        convolved, scale: byName["1.weight"]!, shift: byName["1.bias"]!, mean: byName["1.running_mean"]!,
        variance: byName["1.running_var"]!, epsilon: epsilon, momentum: momentum)
      let pooled = maxPool(relu(normalized), kernel: (2, 2))
      let hidden = relu(multiply(pooled.flattened(), value("5.weight")) + value("5.bias"))
      let logits = multiply(hidden, value("7.weight")) + value("7.bias")
      return Loss.crossEntropy(logits, tracer.input("labels", [rows], .int32))
    }
  }

  private static func optimizer(_ attributes: Fixture.Attributes) throws -> Optimizer {
    func constant(_ name: String) throws -> Float { attributes[name] == nil ? 0 : try attributes.float(name) }
    let kind = try attributes.text("optimizer")
    let rule: Optimizer.Rule =
      switch kind {
      case "sgd" where try constant("momentum") == 0: .sgd
      case "sgd" where try constant("nesterov") != 0: .nesterov(try constant("momentum"))
      case "sgd": .momentum(try constant("momentum"))
      case "adagrad": .adaGrad(epsilon: try constant("epsilon"))
      case "rmsprop": .rmsProp(rho: try constant("alpha"), epsilon: try constant("epsilon"))
      case "adamw":
        .adamW(beta1: try constant("beta1"), beta2: try constant("beta2"), epsilon: try constant("epsilon"))
      default: .adam(beta1: try constant("beta1"), beta2: try constant("beta2"), epsilon: try constant("epsilon"))
      }
    return Optimizer(rule, weightDecay: try constant("decay"))
  }

  func step(_ step: Int) throws -> Float {
    try images.withUnsafeBufferPointer { images in
      try labels.withUnsafeBufferPointer { labels in
        let workspace = try session.workspace(rows: batch[0])
        workspace.bind("images", images.baseAddress! + step * batch.count)
        workspace.bind("labels", labels.baseAddress! + step * batch[0])
        return session.step(workspace, rows: batch[0], rate: rate).loss
      }
    }
  }
}
