import NunchiEngine
import NunchiGraph
import NunchiTensors
import Testing

/// A network to compare: traced with so many rows, it returns what is compared, one row a row of the batch.
struct Subject {
  var name: String
  var parameters: [Parameter]
  /// Named inputs without their leading axis, and how they are filled.
  var inputs: [(name: String, row: Shape, fill: Fill)]
  var build: (Tracer, [Value]) -> Value

  enum Fill {
    case normal
    case positive
    case probabilities
    case classes(Int)
    case bytes
  }

  init(
    _ name: String, inputs: [(String, Shape, Fill)], parameters: [Parameter] = [],
    build: @escaping (Tracer, [Value]) -> Value
  ) {
    self.name = name
    self.parameters = parameters
    self.inputs = inputs.map { (name: $0.0, row: $0.1, fill: $0.2) }
    self.build = build
  }
}

func weight(_ extents: Int...) -> Parameter {
  Parameter(Shape(extents), role: .weight, initializer: .normal(deviation: 0.5))
}

/// Runs a subject on the engine and on the reference and compares outputs, gradients and statistics.
struct Comparison {
  var kernels: KernelTable = .preferred
  var checked = true
  var threads = 2
  var mode = Mode.training
  var winograd = true
  /// How many roundings of the largest magnitude a gradient may be off; deep networks take more.
  var roundings = 64.0

  /// - Parameters:
  ///   - batch: the rows that the plan is compiled for.
  ///   - rows: the valid rows of the run; the reference is built for exactly so many.
  func check(_ subject: Subject, batch: Int, rows: Int, seed: UInt64 = 1) throws {
    let layout = WeightsLayout(subject.parameters.enumerated().map { (name: "p\($0)", parameter: $1) })
    let weights = Weights(layout, seed: seed)
    let tensors = Self.inputs(subject, rows: batch, seed: seed)
    let state = RunState(seed: 7, step: 3)

    let valid = tensors.mapValues { $0.rows(0..<rows) }
    let context = RunState(seed: state.seed, step: state.step)
    let reference = ReferenceExecutor<Double>(inputs: valid, weights: weights, context: context)
      .run(try graph(subject, rows, layout))

    let memory = tensors.mapValues { tensor in
      tensor.withUnsafeBytes { bytes in
        let copy = AlignedMemory(byteCount: bytes.count, guarded: true)
        copy.base.copyMemory(from: bytes.baseAddress!, byteCount: bytes.count)
        return copy
      }
    }
    for chains in [PlanOptions.Chains.never, .wherePossible] {
      let workspace = Workspace(try plan(subject, batch: batch, layout, chains), pool: WorkerPool(threads: threads))
      for (name, block) in memory { workspace.bind(name, block.base) }
      // Twice: the second run finds what the first left in the arena.
      var (first, second) = (weights, weights)
      workspace.run(&first, rows: rows, state: state)
      workspace.run(&second, rows: rows, state: state)
      let what = subject.name + (chains == .never ? "" : " in chains") + " [\(rows)/\(batch)]"
      compare(workspace, second, reference, what, rows: rows)
    }
    withExtendedLifetime(memory) {}
  }

  private func compare(
    _ workspace: Workspace, _ weights: Weights, _ reference: ReferenceExecutor<Double>.Results, _ what: String,
    rows: Int
  ) {
    let y = reference.outputs["y"]!
    for (name, expected) in reference.outputs {
      // The loss is a sum of as many terms as y has a row, each up to 4 times its largest element.
      let terms = name == "loss" ? 4 * y.values.reduce(1) { max($0, abs($1)) } * Double(y.values.count / rows) : 64
      expectNear(
        workspace.output(name).floats, expected, "\(what) \(name)", roundings: max(terms, roundings))
    }
    for (parameter, expected) in reference.gradients {
      expectNear(
        workspace.gradient(parameter), expected, "\(what) gradient \(parameter.shape)", roundings: roundings)
    }
    for (parameter, expected) in reference.assignments {
      expectNear(weights[parameter], expected, "\(what) statistic", roundings: roundings)
    }
  }

  /// The training plan of a subject.
  func plan(
    _ subject: Subject, batch: Int, _ layout: WeightsLayout, _ chains: PlanOptions.Chains = .whereFaster
  ) throws -> Plan {
    let options = PlanOptions(kernels: kernels, checked: checked, winograd: winograd, chains: chains)
    return Plan(try graph(subject, batch, layout), layout: layout, options: options)
  }

  private func graph(_ subject: Subject, _ rows: Int, _ layout: WeightsLayout) throws -> Graph {
    try trace(mode) { tracer in
      let inputs = subject.inputs.map { input in
        switch input.fill {
        case .classes: tracer.input(input.name, Shape([rows] + input.row.extents), .int32)
        case .bytes: tracer.input(input.name, Shape([rows] + input.row.extents), .uint8)
        case .normal, .positive, .probabilities: tracer.input(input.name, Shape([rows] + input.row.extents))
        }
      }
      let y = subject.build(tracer, inputs)
      tracer.output("y", y)
      guard !layout.trained.isEmpty else { return }
      // A loss that gives every element of y a gradient of its own.
      let flat = y.shape.rank == 1 ? y.reshaped(to: [rows, 1]) : y.flattened()
      var stream = RandomStream(seed: 5, name: "loss")
      let factors = (0..<flat.shape.channels).map { _ in stream.normal() }
      let loss = (flat * tracer.constant(Tensor([flat.shape.channels], factors))).sum(axes: [1]).batchMean()
      tracer.output("loss", loss)
      try tracer.differentiate(loss, for: layout.trained)
    }
  }

  static func inputs(_ subject: Subject, rows: Int, seed: UInt64) -> [String: Tensor] {
    var tensors: [String: Tensor] = [:]
    for input in subject.inputs {
      var stream = RandomStream(seed: seed, name: input.name)
      let shape = Shape([rows] + input.row.extents)
      switch input.fill {
      case .normal: tensors[input.name] = Tensor(shape, (0..<shape.count).map { _ in stream.normal() })
      case .positive: tensors[input.name] = Tensor(shape, (0..<shape.count).map { _ in stream.uniform(0.3...2) })
      case .probabilities:
        var values = (0..<shape.count).map { _ in stream.uniform(0.1...1) }
        for row in 0..<rows {
          let range = row * shape.channels..<(row + 1) * shape.channels
          let sum = values[range].reduce(0, +)
          for index in range { values[index] /= sum }
        }
        tensors[input.name] = Tensor(shape, values)
      case .classes(let count):
        tensors[input.name] = Tensor(
          shape, integers: (0..<shape.count).map { _ in Int32(stream.integer(below: count)) })
      case .bytes:
        tensors[input.name] = Tensor(shape, bytes: (0..<shape.count).map { _ in UInt8(stream.integer(below: 256)) })
      }
    }
    return tensors
  }
}

/// Compares with a tolerance of some roundings of the largest magnitude: sums of up to some thousand terms of either
/// sign stay well inside, a wrong or missing term does not.
func expectNear(
  _ actual: [Float], _ expected: ReferenceArray<Double>, _ what: String, roundings: Double = 64,
  sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
  guard actual.count == expected.values.count else {
    Issue.record("\(what): \(actual.count) values, expected \(expected.values.count)", sourceLocation: sourceLocation)
    return
  }
  let scale = max(1, expected.values.reduce(0) { max($0, abs($1)) })
  let tolerance = roundings * 0x1p-24 * scale
  var worst = (index: -1, error: tolerance)
  for (index, value) in expected.values.enumerated() {
    let error = abs(Double(actual[index]) - value)
    if !(error <= worst.error) { worst = (index, error) }
  }
  if worst.index >= 0 {
    Issue.record(
      "\(what): element \(worst.index) of \(expected.shape) is \(actual[worst.index]), expected \(expected.values[worst.index]); tolerance \(tolerance)",
      sourceLocation: sourceLocation)
  }
}
