import NunchiEngine
import NunchiGraph
import NunchiLayers
import NunchiModels
import NunchiTensors
import NunchiTestSupport
import Testing

/// Random images and classes for a network.
struct TrainingData {
  let images: [Float]
  let labels: [Int32]
  let row: Shape

  init(images: [Float], labels: [Int32], row: Shape) { (self.images, self.labels, self.row) = (images, labels, row) }

  init(rows: Int, row: Shape, classes: Int, seed: UInt64 = 1) {
    var stream = RandomStream(seed: seed, name: "training data")
    images = (0..<rows * row.count).map { _ in stream.normal() }
    labels = (0..<rows).map { _ in Int32(stream.integer(below: classes)) }
    self.row = row
  }

  /// Calls `body` while the first rows are bound to the workspace.
  func bound<T>(to workspace: Workspace, _ body: () -> T) -> T {
    images.withUnsafeBytes { images in
      labels.withUnsafeBytes { labels in
        workspace.bind("images", images.baseAddress!)
        workspace.bind("labels", labels.baseAddress!)
        return body()
      }
    }
  }

  /// Steps of `batch` rows, the last one of `last` rows.
  func train(_ session: TrainingSession, batch: Int, steps: Int, last: Int) throws -> [Float] {
    try images.withUnsafeBytes { images in
      try labels.withUnsafeBytes { labels in
        try (0..<steps).map { step in
          let rows = step == steps - 1 ? last : batch
          let first = step * batch % (self.labels.count - batch + 1)
          let workspace = try session.workspace(rows: rows)
          workspace.bind("images", images.baseAddress! + first * row.count * 4)
          workspace.bind("labels", labels.baseAddress! + first * 4)
          return session.step(workspace, rows: rows, rate: 1e-2).loss
        }
      }
    }
  }
}

/// The bits of all parameters and statistics.
func bits(_ weights: Weights) -> [UInt32] {
  weights.layout.entries.flatMap { weights[$0.parameter].map(\.bitPattern) }
}

func session(
  _ model: some Layer, _ row: Shape, batch: Int, threads: Int, optimizer: Optimizer = Optimizer(.adam()),
  options: PlanOptions = PlanOptions()
) throws -> TrainingSession {
  let weights = Weights(WeightsLayout(model.namedParameters()), seed: 3)
  return try TrainingSession(
    weights: weights, optimizer: optimizer, batch: batch, seed: 9, pool: WorkerPool(threads: threads), options: options
  ) { tracer, rows in
    let images = tracer.input("images", Shape([rows] + row.extents))
    return Loss.crossEntropy(model(images), tracer.input("labels", [rows], .int32))
  }
}

@Suite(.serialized) struct DeterminismTests {
  private static let row: Shape = [17, 19, 3]

  private static let normalized = Sequential {
    Conv2D(3, 24, kernel: 3, stride: 2, padding: 1)
    BatchNorm2D(24)
    ReLU()
    Conv2D(24, 40, kernel: 3, padding: 1)
    BatchNorm2D(40)
    ReLU()
    MaxPool2D(2)
    Flatten()
    Dense(800, 5)
  }

  private static let dropped = Sequential {
    Conv2D(3, 16, kernel: 5)
    ReLU()
    MaxPool2D(2)
    Dropout(0.3)
    Flatten()
    Dense(672, 30)
    ReLU()
    Dropout(0.5)
    Dense(30, 5)
  }

  /// Sums that depend on who computed what, or masks drawn from a shared generator, would show here.
  @Test(arguments: [0, 1]) func sameBitsOnAnyNumberOfThreads(_ network: Int) throws {
    let model = network == 0 ? Self.normalized : Self.dropped
    let data = TrainingData(rows: 60, row: Self.row, classes: 5)
    var seen: [UInt32]?
    for threads in [1, 2, 3, 8, 2] {
      let session = try session(model, Self.row, batch: 12, threads: threads)
      let losses = try data.train(session, batch: 12, steps: 50, last: 7)
      #expect(losses.allSatisfy(\.isFinite) && losses[49] < losses[0])
      let found = bits(session.weights)
      #expect(seen == nil || found == seen, "\(threads) threads give other weights")
      seen = found
    }
  }

  /// Where instructions fuse multiply and add, the instruction set leaves the bits alone too.
  @Test func sameBitsOnFusedInstructionSets() throws {
    let data = TrainingData(rows: 30, row: Self.row, classes: 5)
    let found = try KernelTable.available.filter { $0.description != "portable" }.map { kernels in
      let session = try session(
        Self.normalized, Self.row, batch: 10, threads: 2, options: PlanOptions(kernels: kernels))
      _ = try data.train(session, batch: 10, steps: 5, last: 10)
      return bits(session.weights)
    }
    for other in found.dropFirst() { #expect(other == found[0]) }
  }

  /// A checked plan computes what a plain one does: its arena is laid out otherwise.
  @Test func checkedPlansGiveTheSameBits() throws {
    let data = TrainingData(rows: 30, row: Self.row, classes: 5)
    let found = try [false, true].map { checked in
      let session = try session(
        Self.normalized, Self.row, batch: 10, threads: 2, options: PlanOptions(checked: checked))
      _ = try data.train(session, batch: 10, steps: 4, last: 3)
      return bits(session.weights)
    }
    #expect(found[0] == found[1])
  }
}

/// Whole networks in miniature: loss, gradients and statistics of full and partial batches.
@Suite(.serialized) struct PresetTests {
  @Test(arguments: ModelPreset.all.map(\.name)) func equalsReference(_ name: String) throws {
    let (model, input, classes) = try ModelPreset.named(name).miniature()
    let layout = model.namedParameters()
    let subject = Subject(
      name, inputs: [("images", Shape(Array(input.extents.dropFirst())), .normal), ("labels", [], .classes(classes))],
      parameters: layout.map(\.parameter)
    ) { tracer, values in
      crossEntropyRows(model(values[0]), values[1]).losses
    }
    for rows in [4, 3] { try Comparison(roundings: 40_000).check(subject, batch: 4, rows: rows) }
  }
}

/// The state of training: weights that are shared are copied, steps that fail change nothing.
@Suite(.serialized) struct SessionTests {
  private static let model = Sequential {
    Flatten()
    Dense(12, 8)
    BatchNorm1D(8)
    ReLU()
    Dense(8, 3)
  }

  @Test func snapshotsStayAsTheyWere() throws {
    let data = TrainingData(rows: 20, row: [2, 2, 3], classes: 3)
    let session = try session(Self.model, [2, 2, 3], batch: 10, threads: 1)
    let before = session.weights
    let state = session.state
    let old = bits(before)
    _ = try data.train(session, batch: 10, steps: 3, last: 10)
    #expect(bits(before) == old)
    #expect(bits(session.weights) != old)
    #expect(state.step == 0 && session.state.step == 3)
    // From the snapshot the same steps give the same bits.
    let after = bits(session.weights)
    session.weights = before
    session.state = state
    _ = try data.train(session, batch: 10, steps: 3, last: 10)
    #expect(bits(session.weights) == after)
  }

  @Test func aStepThatIsNotFiniteChangesNoParameter() throws {
    let session = try session(Self.model, [2, 2, 3], batch: 4, threads: 1)
    let before = session.weights
    var images = [Float](repeating: 1, count: 48)
    images[5] = .infinity
    let labels: [Int32] = [0, 1, 2, 0]
    let workspace = try session.workspace(rows: 4)
    workspace.bind("images", images)
    workspace.bind("labels", labels)
    let outcome = session.step(workspace, rows: 4, rate: 0.1)
    #expect(!outcome.loss.isFinite && !outcome.update.applied && session.state.step == 0)
    for entry in before.layout.entries where entry.segment != .statistics {
      #expect(before[entry.parameter] == session.weights[entry.parameter], "\(entry.name) moved")
    }
  }

  /// An operation that mixes the batch gets a plan for the exact number of rows.
  @Test func mixingOperationsGetExactPlans() throws {
    let p = weight(6)
    let weights = Weights(WeightsLayout([("p", p)]), seed: 1)
    let session = try TrainingSession(
      weights: weights, optimizer: Optimizer(.sgd), batch: 5, seed: 0, pool: WorkerPool(threads: 1)
    ) { tracer, rows in
      let x = tracer.input("x", [rows, 6]) * tracer.parameter(p)
      return power(x - x.mean(axes: [0]), 2).sum(axes: [1]).batchMean()
    }
    let x = (0..<30).map { Float($0 % 7) }
    for rows in [5, 2, 1] {
      let workspace = try session.workspace(rows: rows)
      #expect(workspace.plan.batch == rows)
      workspace.bind("x", x)
      let loss = session.step(workspace, rows: rows, rate: 0).loss
      var expected: Float = 0
      for c in 0..<6 {
        let column = (0..<rows).map { x[$0 * 6 + c] * weights[p][c] }
        let mean = column.reduce(0, +) / Float(rows)
        expected += column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(rows)
      }
      #expect(abs(loss - expected) < 1e-4)
    }
  }
}
