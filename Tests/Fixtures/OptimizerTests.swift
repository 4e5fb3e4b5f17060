import NunchiGraph
import NunchiTensors
import NunchiTestSupport
import Testing

/// The recorded training runs, repeated with the reference executor in Double and each rule of update written out: the
/// proof that the fixtures mean what their names say.
@Suite struct OptimizerTests {
  @Test func everyRunIsRepeated() throws {
    let fixture = try Fixture.load("optimizers")
    let runs = fixture.cases.filter { $0.name != "network" }
    #expect(Set(runs.map(\.name)).isSuperset(of: Self.expected))
    for recorded in runs { try compare(recorded, fixture) }
  }

  private static let expected = [
    "sgd", "sgd-momentum", "sgd-nesterov", "sgd-weight-decay", "sgd-momentum-weight-decay", "adagrad", "rmsprop",
    "adam", "adam-weight-decay", "adamw",
  ]

  private func compare(_ recorded: Fixture.Case, _ fixture: Fixture) throws {
    var network = try RecordedNetwork(fixture)
    let decayed = try fixture.named("network").attributes.list("decayed")
    var states: [String: UpdateState] = [:]
    for step in 0..<(try fixture.named("network").attributes.integer("steps")) {
      let (loss, gradients) = network.step(step)
      let expected = try fixture.array("\(recorded.name)/losses", as: Double.self).values[step]
      #expect(abs(loss - expected) < 1e-12, "\(recorded.name) step \(step): loss \(loss), PyTorch \(expected)")
      for (name, gradient) in gradients {
        try states[name, default: UpdateState(count: gradient.count)].update(
          &network.values[name]!.values, gradient, recorded.attributes, decays: decayed.contains(name), step: step + 1)
      }
      if step == 0 { try compare(network, "first", recorded, fixture) }
    }
    try compare(network, "last", recorded, fixture)
  }

  private func compare(
    _ network: RecordedNetwork, _ moment: String, _ recorded: Fixture.Case, _ fixture: Fixture
  ) throws {
    for (name, found) in network.values {
      let expected = try fixture.array("\(recorded.name)/\(moment)/\(name)", as: Double.self)
      // Ten steps over sums of some hundred terms; AdaGrad and Adam divide noise by small roots.
      let complaint = disagreement(found, expected, Tolerance(length: 10_000, magnitude: 1))
      #expect(complaint == nil, "\(recorded.name)/\(moment)/\(name) \(complaint ?? "")")
    }
  }
}

/// The network of `Tools/fixture_parts/optimizers.py`.
private struct RecordedNetwork {
  var values: [String: ReferenceArray<Double>]
  private let parameters: [String: Parameter]
  private let graph: Graph
  private let images: ReferenceArray<Double>
  private let labels: ReferenceArray<Double>
  private let batch: Shape

  init(_ fixture: Fixture) throws {
    let attributes = try fixture.named("network").attributes
    let bytes = try fixture.array("network/images", as: Double.self)
    images = ReferenceArray(bytes.shape, bytes.values.map { ($0 - 128) / 64 })
    labels = try fixture.array("network/labels")
    batch = Shape(Array(bytes.shape.extents.dropFirst()))
    values = [:]
    var parameters: [String: Parameter] = [:]
    for (name, entry) in fixture.tensors(under: "network/initial") {
      values[name] = entry.array
      let role: Parameter.Role = name.contains("running") ? .statistic : .weight
      parameters[name] = Parameter(entry.array.shape, role: role, initializer: .zeros)
    }
    self.parameters = parameters
    let batch = self.batch
    graph = try trace(.training) { tracer in
      func value(_ name: String) -> Value { tracer.parameter(parameters[name]!) }
      let images = tracer.input("images", batch)
      let convolved = convolve(images, value("0.weight"), padding: .symmetric(1)) + value("0.bias")
      let normalized = batchNormalize(
        convolved, scale: parameters["1.weight"]!, shift: parameters["1.bias"]!, mean: parameters["1.running_mean"]!,
        variance: parameters["1.running_var"]!, epsilon: try attributes.float("epsilon"),
        momentum: try attributes.float("momentum"))
      let pooled = maxPool(relu(normalized), kernel: (2, 2))
      let hidden = relu(multiply(pooled.flattened(), value("5.weight")) + value("5.bias"))
      let logits = multiply(hidden, value("7.weight")) + value("7.bias")
      let loss = crossEntropyRows(logits, tracer.input("labels", [batch[0]], .int32)).losses.batchMean()
      tracer.output("loss", loss)
      try tracer.differentiate(loss, for: parameters.values.filter { $0.role != .statistic })
    }
  }

  /// The loss and the gradients on one of the fixed batches; the running statistics move on.
  mutating func step(_ step: Int) -> (loss: Double, gradients: [String: [Double]]) {
    let (pixels, rows) = (batch.count, batch[0])
    let executor = ReferenceExecutor<Double>(
      inputs: [
        "images": ReferenceArray(batch, Array(images.values[step * pixels..<(step + 1) * pixels])),
        "labels": ReferenceArray([rows], Array(labels.values[step * rows..<(step + 1) * rows])),
      ], parameters: Dictionary(uniqueKeysWithValues: parameters.map { ($1, values[$0]!) }))
    let results = executor.run(graph)
    var gradients: [String: [Double]] = [:]
    for (name, parameter) in parameters {
      if let gradient = results.gradients[parameter] { gradients[name] = gradient.values }
      if let statistic = results.assignments[parameter] { values[name] = statistic }
    }
    return (results.outputs["loss"]!.values[0], gradients)
  }
}

/// What the optimizers keep for each number: a mean of gradients and one of their squares, or sums of them.
private struct UpdateState {
  var mean: [Double]
  var squares: [Double]

  init(count: Int) {
    mean = [Double](repeating: 0, count: count)
    squares = mean
  }

  mutating func update(
    _ weights: inout [Double], _ gradient: [Double], _ constants: Fixture.Attributes, decays: Bool, step: Int
  ) throws {
    func constant(_ name: String) throws -> Double { constants[name] == nil ? 0 : try constants.double(name) }
    let optimizer = try constants.text("optimizer")
    let (rate, epsilon) = (try constant("rate"), try constant("epsilon"))
    let decay = decays ? try constant("decay") : 0
    let (beta1, beta2) = (try constant("beta1"), try constant("beta2"))
    let (momentum, alpha, nesterov) = (try constant("momentum"), try constant("alpha"), try constant("nesterov") != 0)
    func power(_ base: Double) -> Double { (0..<step).reduce(1) { product, _ in product * base } }
    for i in weights.indices {
      if optimizer == "adamw" { weights[i] *= 1 - rate * decay }
      let g = gradient[i] + (optimizer == "adamw" ? 0 : decay * weights[i])
      switch optimizer {
      case "sgd":
        mean[i] = momentum * mean[i] + g
        weights[i] -= rate * (nesterov ? g + momentum * mean[i] : mean[i])
      case "adagrad":
        squares[i] += g * g
        weights[i] -= rate * g / (squares[i].squareRoot() + epsilon)
      case "rmsprop":
        squares[i] = alpha * squares[i] + (1 - alpha) * g * g
        weights[i] -= rate * g / (squares[i].squareRoot() + epsilon)
      case "adam", "adamw":
        mean[i] = beta1 * mean[i] + (1 - beta1) * g
        squares[i] = beta2 * squares[i] + (1 - beta2) * g * g
        let unbiased = (squares[i] / (1 - power(beta2))).squareRoot()
        weights[i] -= rate * mean[i] / (1 - power(beta1)) / (unbiased + epsilon)
      default: throw Fixture.ReadError("no rule for \(optimizer)")
      }
    }
  }
}
