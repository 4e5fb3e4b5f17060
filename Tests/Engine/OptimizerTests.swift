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

  @Test func rulesAreFoundByTheirNames() {
    for rule in Optimizer.Rule.allCases { #expect(Optimizer.Rule(named: rule.name) == rule) }
    #expect(Set(Optimizer.Rule.allCases.map(\.name)).count == Optimizer.Rule.allCases.count)
    #expect(Optimizer.Rule(named: "Adam") == nil)
  }

  /// Numbers that are not the usual ones, clipping and decay: some steps as the reference takes them in Double.
  @Test(
    arguments: [
      .sgd, .momentum(0.5), .nesterov(0.7), .adaGrad(epsilon: 0.1), .rmsProp(rho: 0.5, epsilon: 0.01),
      .adam(beta1: 0.5, beta2: 0.9, epsilon: 0.01), .adamW(beta1: 0.8, beta2: 0.5, epsilon: 0.1),
    ] as [Optimizer.Rule])
  func numbersChangeTheStepAsTheFormulaSays(_ rule: Optimizer.Rule) throws {
    let (start, rate, steps) = ([Float(0.25), -0.5, 0.75, 1], Float(0.125), 6)
    func run(_ optimizer: Optimizer) throws -> [Float] {
      let w = Parameter([start.count], role: .weight, initializer: .zeros)
      var weights = Weights(WeightsLayout([("w", w)]), seed: 0)
      weights[w] = start
      let session = try TrainingSession(
        weights: weights, optimizer: optimizer, batch: 1, seed: 0, pool: WorkerPool(threads: 1)
      ) { tracer, _ in power(tracer.parameter(w), 2).sum(axes: [0]) }
      for _ in 0..<steps { _ = session.step(try session.workspace(rows: 1), rows: 1, rate: rate) }
      return session.weights[w]
    }
    func reference(_ optimizer: Optimizer) -> [Double] {
      var (w, states) = (start.map(Double.init), start.map { _ in (0.0, 0.0) })
      for time in 1...steps {
        let gradients = w.map { 2 * $0 }
        let norm = gradients.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let scale = optimizer.clipNorm.map { min(1, Double($0) / norm) } ?? 1
        let limit = optimizer.clipValue.map(Double.init) ?? .infinity
        for index in w.indices {
          w[index] = optimizer.reference(
            w[index], gradient: max(-limit, min(limit, gradients[index] * scale)), state: &states[index],
            rate: Double(rate), time: time, decays: true)
        }
      }
      return w
    }
    // A step rounds some twenty times; numbers stay near 1, and the smallest divisor is 0.01.
    let bound = Double(steps * 20) * Double(Float.ulpOfOne) * 100
    var all: [[Float]] = []
    for optimizer in [
      Optimizer(rule.usual), Optimizer(rule), Optimizer(rule, weightDecay: 0.5), Optimizer(rule, clipNorm: 0.5),
      Optimizer(rule, weightDecay: 0.1, clipNorm: 0.75, clipValue: 0.25),
    ] {
      let found = try run(optimizer)
      for (value, expected) in zip(found, reference(optimizer)) {
        #expect(abs(Double(value) - expected) < bound, "\(optimizer)")
      }
      if rule != rule.usual || optimizer != Optimizer(rule) { all.append(found) }
    }
    #expect(Set(all).count == all.count, "a number that changes nothing is not taken")
  }

  /// To the bit: a gradient of norm 5 is scaled by 1/5, and one within the limit stays as it is.
  @Test func clippingByNormIsExact() throws {
    func step(_ clip: Float?) throws -> [Float] {
      let w = Parameter([2], role: .weight, initializer: .zeros)
      var weights = Weights(WeightsLayout([("w", w)]), seed: 0)
      weights[w] = [1.5, 2]
      let session = try TrainingSession(
        weights: weights, optimizer: Optimizer(.sgd, clipNorm: clip), batch: 1, seed: 0, pool: WorkerPool(threads: 1)
      ) { tracer, _ in power(tracer.parameter(w), 2).sum(axes: [0]) }
      let outcome = session.step(try session.workspace(rows: 1), rows: 1, rate: 0.5)
      #expect(outcome.update.gradientNorm == 5)
      return session.weights[w]
    }
    #expect(try step(1) == [Float(1.5) - 0.5 * (3 * 0.2), 2 - 0.5 * (4 * 0.2)])
    #expect(try step(5) == step(nil) && step(6) == step(nil))
    #expect(try step(4.999) != step(nil))
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
