import NunchiEngine
import NunchiGraph
import NunchiLayers
import NunchiTensors
import Testing

/// The sum of the gradients of the parts of a batch.
@Suite struct AccumulationTests {
  private let row: Shape = [6]

  private func model() -> Sequential { Sequential([Dense(6, 9), ReLU(), Dense(9, 4)]) }

  private func session(_ model: Sequential, batch: Int, parts: Bool, threads: Int = 1) throws -> TrainingSession {
    try TrainingSession(
      weights: Weights(WeightsLayout(model.namedParameters()), seed: 3), optimizer: Optimizer(.sgd), batch: batch,
      seed: 5,
      pool: WorkerPool(threads: threads), parts: parts
    ) { tracer, rows in
      let images = tracer.input("images", [rows, 6], .float32)
      return Loss.crossEntropy(model(images), tracer.input("labels", [rows], .int32))
    }
  }

  /// The gradients of all parameters after the parts have been added, and the loss.
  private func gradients(
    _ data: TrainingData, parts: [Int], batch: Int, threads: Int = 1
  ) throws -> (gradients: [Float], loss: Float) {
    let model = model()
    let session = try session(model, batch: batch, parts: parts.count > 1, threads: threads)
    var first = 0
    return try data.images.withUnsafeBufferPointer { images in
      try data.labels.withUnsafeBufferPointer { labels in
        var workspace = try session.workspace(rows: batch)
        for rows in parts {
          workspace = try session.workspace(rows: rows)
          workspace.bind("images", images.baseAddress! + first * 6)
          workspace.bind("labels", labels.baseAddress! + first)
          session.add(workspace, rows: rows)
          first += rows
        }
        let outcome = session.update(workspace, rate: 0)
        #expect(outcome.update.applied)
        return (model.namedParameters().flatMap { workspace.gradient($0.parameter) }, outcome.loss)
      }
    }
  }

  /// Parts of unequal size make the gradient of the whole within the rounding of a sum of its rows: against a divisor
  /// that is that of a part, a part that is forgotten, and one that is counted twice.
  @Test(arguments: [[8, 8], [8, 8, 3], [8, 1], [5, 8, 2]]) func partsAddUp(_ parts: [Int]) throws {
    let rows = parts.reduce(0, +)
    let data = TrainingData(rows: rows, row: row, classes: 4)
    let whole = try gradients(data, parts: [rows], batch: rows)
    let sum = try gradients(data, parts: parts, batch: 8)
    // Σ |share of a row|, from each row's gradient alone.
    var magnitude = [Double](repeating: 0, count: whole.gradients.count)
    for row in 0..<rows {
      let one = TrainingData(
        images: Array(data.images[row * 6..<(row + 1) * 6]), labels: [data.labels[row]], row: self.row)
      let alone = try gradients(one, parts: [1], batch: 1).gradients
      for (index, value) in alone.enumerated() { magnitude[index] += abs(Double(value)) / Double(rows) }
    }
    // Each row's share is rounded a few times on its way, and both sums at most once a row and part.
    let unit = Double(rows + parts.count + 24) * 0x1p-23
    for (index, (one, other)) in zip(whole.gradients, sum.gradients).enumerated() {
      #expect(abs(Double(one) - Double(other)) <= unit * magnitude[index], "element \(index)")
    }
    #expect(abs(whole.loss - sum.loss) <= Float(unit) * whole.loss)
  }

  /// The arena must begin anew with each batch.
  @Test func batchesDoNotMix() throws {
    let data = TrainingData(rows: 16, row: row, classes: 4)
    let model = model()
    let session = try session(model, batch: 8, parts: true)
    let losses = try (0..<3).map { _ in
      try data.images.withUnsafeBufferPointer { images in
        try data.labels.withUnsafeBufferPointer { labels in
          let workspace = try session.workspace(rows: 8)
          for part in 0..<2 {
            workspace.bind("images", images.baseAddress! + part * 48)
            workspace.bind("labels", labels.baseAddress! + part * 8)
            session.add(workspace, rows: 8)
          }
          return session.update(workspace, rate: 0)
        }
      }
    }
    #expect(losses[0].loss == losses[1].loss && losses[1].loss == losses[2].loss)
    #expect(losses[0].update.gradientNorm == losses[2].update.gradientNorm)
  }

  @Test func threadsDoNotShow() throws {
    let data = TrainingData(rows: 19, row: row, classes: 4)
    let one = try gradients(data, parts: [8, 8, 3], batch: 8)
    let three = try gradients(data, parts: [8, 8, 3], batch: 8, threads: 3)
    #expect(one.gradients == three.gradients && one.loss == three.loss)
  }
}
