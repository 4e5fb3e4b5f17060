import NunchiEngine
import NunchiGraph
import NunchiLayers
import NunchiTensors
import Testing

/// Steps that run together on a few rows at a time compute what they compute one after the other.
@Suite(.serialized) struct ChainTests {
  private static let row: Shape = [26, 25, 3]

  /// Borders, strides, both pools, a branch that joins again, dropout between convolutions, tiles of one image and of
  /// several; a normalisation that needs the whole batch.
  private static func model(normalized: Bool) -> Sequential {
    Sequential {
      Conv2D(3, 20, kernel: 3, padding: 1)
      ReLU()
      Residual(
        Sequential {
          Conv2D(20, 20, kernel: 3, padding: 1)
          Sigmoid()
          Dropout(0.2)
        })
      MaxPool2D(2)
      Conv2D(20, 24, kernel: 3, stride: 2, padding: 1)
      if normalized { BatchNorm2D(24) }
      ReLU()
      Conv2D(24, 24, kernel: 3, padding: 1)
      ReLU()
      Conv2D(24, 12, kernel: 1)
      Tanh()
      AveragePool2D(2)
      Flatten()
      Dense(108, 5)
    }
  }

  /// The weights after some steps, the last of them with few rows.
  private func train(
    normalized: Bool, batch: Int, last: Int, threads: Int, options: PlanOptions
  ) throws -> (bits: [UInt32], plan: String) {
    let data = TrainingData(rows: batch + 7, row: Self.row, classes: 5)
    let session = try session(
      Self.model(normalized: normalized), Self.row, batch: batch, threads: threads, options: options)
    let losses = try data.train(session, batch: batch, steps: 4, last: last)
    let finite = losses.allSatisfy(\.isFinite)
    #expect(finite, "\(losses)")
    return (bits(session.weights), try session.workspace(rows: batch).plan.describe())
  }

  /// Batches whose chunks are even (40), uneven (19) and end within a block; few rows of them.
  @Test(arguments: [(40, 40), (40, 17), (19, 18), (19, 1)], [true, false])
  func sameBitsAsStepByStep(rows: (batch: Int, last: Int), normalized: Bool) throws {
    func weights(_ threads: Int, _ chains: PlanOptions.Chains) throws -> (bits: [UInt32], plan: String) {
      try train(
        normalized: normalized, batch: rows.batch, last: rows.last, threads: threads,
        options: PlanOptions(chains: chains))
    }
    let plain = try weights(2, .never)
    #expect(!plain.plan.contains("chain"))
    for threads in [1, 2, 3, 8] {
      let chained = try weights(threads, .wherePossible)
      let count = chained.plan.split(separator: "\n").filter { $0.contains("chain") }.count
      #expect(count > 2, "\(chained.plan)")
      #expect(chained.bits == plain.bits, "\(threads) threads give other weights")
    }
  }

  /// Every value of a chain that somebody reads was written for that block: what is older is no number.
  @Test func sameBitsInCheckedMode() throws {
    func weights(_ options: PlanOptions) throws -> (bits: [UInt32], plan: String) {
      try train(normalized: false, batch: 19, last: 6, threads: 2, options: options)
    }
    let plain = try weights(PlanOptions(chains: .never))
    let checked = try weights(PlanOptions(checked: true, chains: .wherePossible))
    #expect(checked.plan.contains("chain") && checked.plan.contains("poison"))
    #expect(checked.bits == plain.bits)
  }

  /// In inference nobody else reads what convolutions hand on.
  @Test func valuesWithinAChainTakeNoPlaceInTheArena() throws {
    let model = Sequential {
      Conv2D(3, 24, kernel: 3)
      ReLU()
      Conv2D(24, 24, kernel: 3)
      ReLU()
      MaxPool2D(2)
    }
    let weights = Weights(WeightsLayout(model.namedParameters()), seed: 1)
    let images = TrainingData(rows: 32, row: Self.row, classes: 2).images
    var results: [[Float]] = []
    var bytes: [Int] = []
    for chains in [PlanOptions.Chains.never, .whereFaster] {
      let graph = try trace(.inference) { tracer in
        tracer.output("y", model(tracer.input("images", [32, 26, 25, 3])))
      }
      let plan = Plan(graph, layout: weights.layout, options: PlanOptions(chains: chains))
      let workspace = Workspace(plan, pool: WorkerPool(threads: 2))
      images.withUnsafeBytes { bytes in
        workspace.bind("images", bytes.baseAddress!)
        workspace.run(reading: weights, rows: 31)
      }
      results.append(workspace.output("y").floats)
      bytes.append(plan.workspaceBytes)
    }
    #expect(results[0] == results[1])
    let result = 32 * 11 * 10 * 24 * 4
    #expect(bytes[1] < result + 200_000 && bytes[0] > 4 * result, "\(bytes)")
  }

  /// A sum over all rows that every row reads again parts the steps before it from those behind it.
  @Test func sumsOverTheBatchEndAChain() throws {
    let p = weight(64)
    let subject = Subject("batch sum", inputs: [("x", [40, 64], .normal)], parameters: [p]) { tracer, values in
      let y = relu(values[0] * tracer.parameter(p))
      let total = y.sum(axes: [0])
      return relu(sigmoid(y) + total).reshaped(to: [values[0].shape[0], 40 * 64])
    }
    for rows in [80, 79] { try Comparison(roundings: 4000).check(subject, batch: 80, rows: rows) }
  }

  /// Where everything fits the cache there is nothing to gain.
  @Test func smallNetworksHaveNoChains() throws {
    let model = Sequential {
      Flatten()
      Dense(12, 8)
      ReLU()
      Dense(8, 3)
    }
    let session = try session(model, [2, 2, 3], batch: 64, threads: 1)
    let plan = try session.workspace(rows: 64).plan.describe()
    #expect(!plan.contains("chain"), "\(plan)")
  }
}
