import NunchiEngine
import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiModelFiles
import NunchiSystem
import NunchiTensors

/// Runs a model for any number of callers at once, with one plan and one set of packed weights.
///
/// Callers that arrive while a batch runs are gathered into the next batch, and the first of them runs it. A single
/// caller never waits for others. Where a row costs less than synchronising threads, each caller runs its row alone on
/// its own thread. The answers are the same in each case.
final class Predictor: @unchecked Sendable {
  /// The most rows in one run.
  let batch: Int
  /// The number of outputs per row.
  let width: Int
  private let weights: Weights
  private let plan: Plan
  private let prepared: PreparedWeights
  private let pool: WorkerPool
  private let rowBytes: Int
  private let gathering: Gatherer
  /// Held by the caller that runs on the pool.
  private let turn = ConditionLock()
  private let shared: Workspace
  /// Workspaces for callers that run alone.
  private let singles = Queue()
  private let runsAlone: Bool

  /// Below so many multiply-adds per row, a run on one thread is faster than sharing one.
  private static let cheapRow = 1_000_000

  init(_ model: LoadedModel, pool: WorkerPool, batch: Int) throws {
    precondition(batch > 0, "a batch has at least one image, got \(batch)")
    let graph = try trace(.inference) { tracer in
      let images = tracer.input("images", model.inputShape(batch: batch), .uint8)
      tracer.output("outputs", softmax(model.model(model.normalization(images))))
    }
    (self.batch, self.pool, weights) = (batch, pool, model.weights)
    width = model.classes.count
    rowBytes = model.preprocessing.byteCount
    plan = Plan(graph, layout: model.weights.layout)
    prepared = PreparedWeights(plan)
    shared = Workspace(plan, pool: pool, prepared: prepared)
    gathering = Gatherer(rows: batch, rowBytes: rowBytes)
    runsAlone = plan.multiplyAdds / batch < Self.cheapRow
  }

  /// The outputs `[count, width]` of consecutive rows in memory.
  func outputs(_ pixels: UnsafePointer<UInt8>, count: Int) -> [Float] {
    [Float](unsafeUninitializedCapacity: count * width) { buffer, initialized in
      for start in stride(from: 0, to: count, by: batch) {
        let rows = min(batch, count - start)
        let target = buffer.baseAddress! + start * width
        turn.locked { run(shared, pixels + start * rowBytes, rows, to: target) }
      }
      initialized = count * width
    }
  }

  /// The outputs of one row, which `write` fills in. The run may serve other callers too.
  func outputs(writing write: (UnsafeMutablePointer<UInt8>) -> Void) -> [Float] {
    [Float](unsafeUninitializedCapacity: width) { buffer, initialized in
      let target = buffer.baseAddress!
      if runsAlone { alone(write, to: target) } else { together(write, to: target) }
      initialized = width
    }
  }

  private func alone(_ write: (UnsafeMutablePointer<UInt8>) -> Void, to target: UnsafeMutablePointer<Float>) {
    let workspace = singles.take() ?? Workspace(plan, pool: WorkerPool(threads: 1), prepared: prepared)
    ScratchMemory.with(byteCount: rowBytes) { pixels in
      write(pixels)
      run(workspace, pixels, 1, to: target)
    }
    singles.put(workspace)
  }

  private func together(_ write: (UnsafeMutablePointer<UInt8>) -> Void, to target: UnsafeMutablePointer<Float>) {
    let (group, row) = gathering.join()
    write(group.pixels + row * rowBytes)
    group.didWrite()
    if row == 0 {
      turn.locked {
        let rows = gathering.close(group)
        group.answers = [Float](unsafeUninitializedCapacity: rows * width) { answers, initialized in
          run(shared, group.pixels, rows, to: answers.baseAddress!)
          initialized = rows * width
        }
      }
      group.finish()
    } else {
      group.waitForAnswers()
    }
    group.answers.withUnsafeBufferPointer {
      target.update(from: $0.baseAddress! + row * width, count: width)
    }
    gathering.leave(group)
  }

  private func run(
    _ workspace: Workspace, _ pixels: UnsafePointer<UInt8>, _ rows: Int, to target: UnsafeMutablePointer<Float>
  ) {
    workspace.bind("images", pixels)
    workspace.run(reading: weights, rows: rows)
    workspace.copyOutput("outputs", to: target)
  }

  /// Workspaces that are not in use.
  private final class Queue: @unchecked Sendable {
    private let lock = ConditionLock()
    private var free: [Workspace] = []

    func take() -> Workspace? { lock.locked { free.popLast() } }
    func put(_ workspace: Workspace) { lock.locked { free.append(workspace) } }
  }
}
