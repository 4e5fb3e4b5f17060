import NunchiGraph
import NunchiTensors

/// The memory of one run of a plan: arena, gradients, scratch per worker. Not for two threads at once.
public final class Workspace {
  /// The plan that runs.
  public let plan: Plan
  /// The threads that run it.
  public let pool: WorkerPool
  /// The gradients of the last run, in the order of the parameters' arena.
  package let gradients: AlignedMemory
  private let arena: AlignedMemory
  private let prepared: PreparedWeights
  private let scratch: AlignedMemory
  private let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let inputs: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let counters: UnsafeMutablePointer<StepCounter>
  private let counterCount: Int
  private let context: UnsafeMutablePointer<RunContext>
  private var lastRows = 0

  /// - Parameter prepared: shared with other workspaces of the plan; nil: this one has its own.
  public init(_ plan: Plan, pool: WorkerPool, prepared: PreparedWeights? = nil) {
    self.plan = plan
    self.pool = pool
    self.prepared = prepared ?? PreparedWeights(plan)
    let checked = plan.options.checked
    arena = AlignedMemory(byteCount: plan.workspaceBytes, guarded: checked)
    scratch = AlignedMemory(byteCount: plan.scratchBytes * pool.threads, guarded: checked)
    gradients = AlignedMemory(byteCount: plan.layout.parameterCount * MemoryLayout<Float>.size, guarded: checked)
    bases = .allocate(capacity: Space.count)
    bases.initialize(repeating: arena.base, count: Space.count)
    bases[Int(Space.prepared.rawValue)] = self.prepared.memory.base
    bases[Int(Space.constants.rawValue)] = plan.constants.base
    bases[Int(Space.gradients.rawValue)] = gradients.base
    inputs = .allocate(capacity: max(plan.inputs.count, 1))
    inputs.initialize(repeating: arena.base, count: max(plan.inputs.count, 1))
    counterCount = max(plan.preparation.count, plan.main.count, 1)
    counters = .allocate(capacity: counterCount)
    for index in 0..<counterCount { (counters + index).initialize(to: StepCounter()) }
    context = .allocate(capacity: 1)
    context.initialize(
      to: RunContext(
        kernels: plan.options.kernels.functions, bases: bases, inputs: inputs, locals: inputs, scratch: scratch.base,
        scratchStride: plan.scratchBytes))
    if checked {
      arena.floats.update(repeating: .nan, count: plan.workspaceBytes / MemoryLayout<Float>.size)
      Plan.setCanaries(plan.canaries, in: arena)
    }
  }

  deinit {
    context.deallocate()
    counters.deinitialize(count: counterCount)
    counters.deallocate()
    inputs.deallocate()
    bases.deallocate()
  }

  /// Binds the input `name` to memory that holds at least the valid rows and stays valid until the run is over.
  public func bind(_ name: String, _ pointer: UnsafeRawPointer) {
    guard let index = plan.inputs.firstIndex(where: { $0.name == name }) else {
      preconditionFailure("the plan has no input named \(name)")
    }
    inputs[index] = UnsafeMutableRawPointer(mutating: pointer)
  }

  /// Runs the first `rows` rows of the bound inputs. Statistics in `weights` move where the plan was traced for training.
  public func run(_ weights: inout Weights, rows: Int, state: RunState = RunState()) {
    if plan.changesStatistics { weights.makeUnique() }
    execute(weights, rows, state)
  }

  /// Runs a plan that changes no statistics.
  public func run(reading weights: Weights, rows: Int, state: RunState = RunState()) {
    precondition(!plan.changesStatistics, "a training plan moves statistics: pass the weights as inout")
    execute(weights, rows, state)
  }

  /// Runs every step in a region of its own, the preparation too, and gives the time of each, in the order of the
  /// plan's `costs`.
  public func profile(_ weights: inout Weights, rows: Int, state: RunState = RunState()) -> [StepTime] {
    if plan.changesStatistics { weights.makeUnique() }
    let split = plan.preparation.count
    beginPreparation(weights, rows)
    let preparation = pool.time(
      UnsafeBufferPointer(plan.preparation), Array(plan.costs[..<split]), counters: counters, context: context)
    prepared.prepare(weights) {}
    beginMain(rows, state)
    let main = pool.time(
      UnsafeBufferPointer(plan.main), Array(plan.costs[split...]), counters: counters, context: context)
    if plan.options.checked { checkCanaries() }
    return preparation + main
  }

  private func execute(_ weights: Weights, _ rows: Int, _ state: RunState) {
    beginPreparation(weights, rows)
    prepared.prepare(weights) {
      pool.run(
        UnsafePointer(plan.preparation.baseAddress!), count: plan.preparation.count, counters: counters,
        context: context)
    }
    beginMain(rows, state)
    pool.run(UnsafePointer(plan.main.baseAddress!), count: plan.main.count, counters: counters, context: context)
    if plan.options.checked { checkCanaries() }
  }

  private func beginPreparation(_ weights: Weights, _ rows: Int) {
    precondition(rows >= 1 && rows <= plan.batch, "\(rows) rows in a plan for \(plan.batch)")
    precondition(!plan.needsExactBatch || rows == plan.batch, "this plan runs all its \(plan.batch) rows or none")
    bases[Int(Space.parameters.rawValue)] = weights.parameters.base
    bases[Int(Space.statistics.rawValue)] = weights.statistics.base
    context.pointee.rows = plan.batch
  }

  private func beginMain(_ rows: Int, _ state: RunState) {
    context.pointee.rows = rows
    context.pointee.divisor = Float(state.divisor ?? rows)
    context.pointee.seed = state.seed
    context.pointee.step = state.step
    context.pointee.microBatch = state.microBatch
    lastRows = rows
  }

  private func checkCanaries() {
    Plan.checkCanaries(plan.canaries, in: arena)
    prepared.checkCanaries()
  }

  /// The value of an output after a run: its valid rows.
  public func output(_ name: String) -> Tensor {
    guard let (location, type) = plan.outputs[name] else { preconditionFailure("the plan has no output \(name)") }
    var shape = type.shape
    if type.batched { shape[0] = lastRows * type.rowsPerImage }
    switch type.dataType {
    case .float32:
      return Tensor(shape, Array(UnsafeBufferPointer(start: context.pointee.floats(location), count: shape.count)))
    case .int32:
      return Tensor(
        shape, integers: Array(UnsafeBufferPointer(start: context.pointee.integers(location), count: shape.count)))
    case .uint8: preconditionFailure("no operation makes bytes")
    }
  }

  /// Copies the valid rows of an output of floats to `target`, without allocating.
  package func copyOutput(_ name: String, to target: UnsafeMutablePointer<Float>) {
    guard let (location, type) = plan.outputs[name] else { preconditionFailure("the plan has no output \(name)") }
    precondition(type.dataType == .float32, "the output \(name) has no floats")
    let count = type.batched ? type.shape.count / max(type.shape[0], 1) * lastRows : type.shape.count
    target.update(from: context.pointee.floats(location), count: count)
  }

  /// The value of a scalar output after a run.
  public func scalar(_ name: String) -> Float {
    guard let (location, _) = plan.outputs[name] else { preconditionFailure("the plan has no output \(name)") }
    return context.pointee.floats(location).pointee
  }

  /// The gradient of one parameter after a run.
  public func gradient(_ parameter: Parameter) -> [Float] {
    let entry = plan.layout.entry(parameter)!
    return Array(UnsafeBufferPointer(start: gradients.floats + entry.offset, count: entry.count))
  }
}
