import NunchiGraph
import NunchiTensors

/// A network in training: its plan, weights and optimizer, one step a call.
///
///     let session = try TrainingSession(weights: weights, optimizer: Optimizer(.adam()), batch: 32, seed: 0, pool: pool) {
///       tracer, rows in … return loss
///     }
///
/// `forward` is traced once for the full batch; a partial batch runs on the same plan, unless an operation mixes rows:
/// then each number of rows gets a plan of its own.
///
/// A batch that is larger than the memory is given in parts: `add` each, then `update`. The gradients are those of the whole
/// batch, up to the rounding of their sum, unless the rows of a batch meet: batch norm measures each part by itself, and
/// its running statistics move once a part.
public final class TrainingSession {
  /// The weights as they are now.
  public var weights: Weights
  /// The optimizer's state as it is now.
  public var state: OptimizerState
  /// Applies the optimizer.
  public let updater: Updater
  /// The seed of dropout.
  public let seed: UInt64
  private let pool: WorkerPool
  private let options: PlanOptions
  private let forward: (Tracer, Int) throws -> Value
  private let full: Workspace
  private var exact: [Int: Workspace] = [:]
  /// nil where each batch is one part.
  private let sum: GradientSum?
  private var added = Added()

  /// The parts added since the last update.
  private struct Added {
    var parts: UInt32 = 0
    var rows = 0
    /// Σ of the rows' losses / the divisor of the parts.
    var loss: Float = 0
  }

  /// - Parameters:
  ///   - batch: the most rows that a part may have.
  ///   - parts: whether batches come in several parts; costs an arena for the sum of their gradients.
  ///   - tuner: measures the pieces of the plan for the full batch; nil: the rules decide.
  ///   - forward: traces the network for so many rows, from inputs to the scalar loss.
  public init(
    weights: Weights, optimizer: Optimizer, batch: Int, seed: UInt64, pool: WorkerPool,
    options: PlanOptions = PlanOptions(), tuner: Tuner? = nil, parts: Bool = false,
    forward: @escaping (Tracer, Int) throws -> Value
  ) throws {
    self.weights = weights
    self.seed = seed
    self.pool = pool
    self.options = options
    self.forward = forward
    updater = Updater(optimizer, layout: weights.layout, pool: pool, kernels: options.kernels)
    state = updater.start()
    sum = parts ? GradientSum(weights.layout, pool: pool, kernels: options.kernels) : nil
    let graph = try Self.graph(weights.layout, batch, forward)
    let plan =
      tuner?.plan(graph, weights, options, pool: pool) ?? Plan(graph, layout: weights.layout, options: options)
    full = Workspace(plan, pool: pool)
  }

  package static func graph(
    _ layout: WeightsLayout, _ rows: Int, _ forward: (Tracer, Int) throws -> Value
  ) throws -> Graph {
    try trace(.training) { tracer in
      let loss = try forward(tracer, rows)
      tracer.output("loss", loss)
      try tracer.differentiate(loss, for: layout.trained)
    }
  }

  /// The workspace that runs `rows` rows; its outputs can be read after a step.
  public func workspace(rows: Int) throws -> Workspace {
    guard full.plan.needsExactBatch, rows != full.plan.batch else { return full }
    if let known = exact[rows] { return known }
    let graph = try Self.graph(weights.layout, rows, forward)
    let made = Workspace(Plan(graph, layout: weights.layout, options: options), pool: pool)
    exact[rows] = made
    return made
  }

  /// What a step did.
  public struct Outcome: Sendable {
    /// The mean loss of the rows.
    public let loss: Float
    /// What the update did.
    public let update: UpdateOutcome
  }

  /// Forward, backward and update on the first `rows` rows of what is bound to `workspace`. Where the loss or a gradient
  /// is not finite nothing changes but the running statistics.
  public func step(_ workspace: Workspace, rows: Int, rate: Float) -> Outcome {
    add(workspace, rows: rows)
    return update(workspace, rate: rate)
  }

  /// Forward and backward on a part of a batch: the first `rows` rows of what is bound to `workspace`. Gives the mean loss
  /// of those rows.
  @discardableResult
  public func add(_ workspace: Workspace, rows: Int) -> Float {
    precondition(sum != nil || added.parts == 0, "a session that takes no parts updates after each batch")
    // The rows of the whole batch are known at its end: until then all parts use the same divisor.
    let divisor = sum == nil ? rows : full.plan.batch
    workspace.run(
      &weights, rows: rows,
      state: RunState(seed: seed, step: state.step, microBatch: added.parts, divisor: divisor))
    sum?.add(workspace)
    let loss = workspace.scalar("loss")
    added.parts += 1
    added.rows += rows
    added.loss += loss
    return sum == nil ? loss : loss * Float(divisor) / Float(rows)
  }

  /// The update by everything that was added since the last one. `workspace` is that of the last part; its gradients
  /// become those of the whole batch.
  public func update(_ workspace: Workspace, rate: Float) -> Outcome {
    precondition(added.parts > 0, "an update follows a batch")
    defer { added = Added() }
    let factor = sum == nil ? 1 : Float(full.plan.batch) / Float(added.rows)
    sum?.take(into: workspace, factor: factor)
    let loss = added.loss * factor
    guard loss.isFinite else {
      return Outcome(loss: loss, update: UpdateOutcome(gradientNorm: .nan, applied: false))
    }
    return Outcome(loss: loss, update: updater.update(&weights, &state, gradients: workspace, rate: rate))
  }

  /// The time of each step of a training step at a rate of zero: preparation, forward and backward, update. The running
  /// statistics and the optimizer's state move.
  public func profile(_ workspace: Workspace, rows: Int) -> [StepTime] {
    workspace.profile(&weights, rows: rows, state: RunState(seed: seed, step: state.step))
      + updater.profile(&weights, &state, gradients: workspace)
  }
}
