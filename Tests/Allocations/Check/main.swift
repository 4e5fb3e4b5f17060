import AllocationCounter
import NunchiEngine
import NunchiGraph
import NunchiLayers
import NunchiTensors

// Prints how many times memory is allocated in twenty training steps and twenty predictions, after two of each.
// With `--planted` every step allocates once, so that a test can see that the count works.
let model = Sequential {
  Conv2D(3, 24, kernel: 3, stride: 2, padding: 1)
  BatchNorm2D(24)
  ReLU()
  Conv2D(24, 40, kernel: 3, padding: 1)
  ReLU()
  MaxPool2D(2)
  NunchiLayers.Dropout(0.5)
  Flatten()
  Dense(640, 5)
}
let planted = CommandLine.arguments.contains("--planted")
let rows = 8
let pool = WorkerPool(threads: 2)
let weights = Weights(WeightsLayout(model.namedParameters()), seed: 1)
let session = try TrainingSession(
  weights: weights, optimizer: Optimizer(.adam(), clipNorm: 1), batch: rows, seed: 1, pool: pool,
  options: PlanOptions(chains: .wherePossible)
) { tracer, rows in
  Loss.crossEntropy(model(tracer.input("images", [rows, 16, 16, 3])), tracer.input("labels", [rows], .int32))
}
let prediction = Workspace(
  Plan(
    try trace(.inference) { $0.output("y", model($0.input("images", [rows, 16, 16, 3]))) }, layout: weights.layout,
    options: PlanOptions(chains: .wherePossible)),
  pool: pool)
let images = [Float](repeating: 0.5, count: rows * 16 * 16 * 3)
let labels = (0..<rows).map { Int32($0 % 5) }

func counted(_ body: (Int) throws -> Void) rethrows -> Int {
  for warmUp in 0..<2 { try body(warmUp) }
  let before = allocation_count()
  for step in 0..<20 { try body(step) }
  return allocation_count() - before
}

try images.withUnsafeBytes { images in
  try labels.withUnsafeBytes { labels in
    let training = try counted { step in
      // The last batches are partial ones.
      let count = step < 15 ? rows : 1 + step % 7
      let workspace = try session.workspace(rows: count)
      workspace.bind("images", images.baseAddress!)
      workspace.bind("labels", labels.baseAddress!)
      let outcome = session.step(workspace, rows: count, rate: 1e-3)
      precondition(outcome.update.applied)
      if planted { UnsafeMutableRawPointer.allocate(byteCount: 64 + step, alignment: 16).deallocate() }
    }
    let trained = session.weights
    let predicting = counted { _ in
      prediction.bind("images", images.baseAddress!)
      prediction.run(reading: trained, rows: rows)
    }
    print("allocations: \(training) in training, \(predicting) in prediction")
  }
}
