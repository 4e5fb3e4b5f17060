import NunchiGraph
import NunchiKernels
import NunchiSystem
import NunchiTensors

/// The state of an optimizer: flat arenas in the order of the parameters, and the number of steps taken. A value, copied
/// on write.
public struct OptimizerState: Sendable {
  /// Steps taken.
  public internal(set) var step: UInt64 = 0
  private var arenas: [AlignedMemory]
  private var owner = Owner()

  private final class Owner: Sendable {}

  init(_ optimizer: Optimizer, _ layout: WeightsLayout) {
    arenas = (0..<optimizer.stateCount).map { _ in
      AlignedMemory(byteCount: layout.trainedCount * MemoryLayout<Float>.size)
    }
  }

  /// The values of each arena; for checkpoints.
  public var values: [[Float]] {
    get { arenas.map { Array(UnsafeBufferPointer(start: $0.floats, count: $0.byteCount / MemoryLayout<Float>.size)) } }
    set {
      makeUnique()
      for (arena, values) in zip(arenas, newValue) { arena.floats.update(from: values, count: values.count) }
    }
  }

  /// Goes back to what `values` and `step` were at a checkpoint.
  public mutating func restore(_ values: [[Float]], step: UInt64) {
    precondition(values.count == arenas.count, "\(values.count) arenas for \(arenas.count)")
    self.values = values
    self.step = step
  }

  mutating func makeUnique() {
    if isKnownUniquelyReferenced(&owner) { return }
    arenas = arenas.map { $0.copy() }
    owner = Owner()
  }

  /// The address of an arena, or of `other` where the rule has fewer.
  func base(_ index: Int, or other: UnsafeMutableRawPointer) -> UnsafeMutableRawPointer {
    index < arenas.count ? arenas[index].base : other
  }
}

/// What an update did.
public struct UpdateOutcome: Sendable {
  /// The norm of all gradients before clipping.
  public let gradientNorm: Double
  /// Whether the parameters changed. They stay as they are where a gradient is not finite.
  public let applied: Bool
}

/// The update of a training step: norm, check, clip, update; one pass over flat memory.
public final class Updater {
  /// The rule that it follows.
  public let optimizer: Optimizer
  private let layout: WeightsLayout
  private let pool: WorkerPool
  private let steps: UnsafeMutableBufferPointer<Step>
  private let costs: [StepCost]
  private let partials: AlignedMemory
  private let partialCount: Int
  private let counters: UnsafeMutablePointer<StepCounter>
  private let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let context: UnsafeMutablePointer<RunContext>

  /// An updater for weights of this layout.
  public init(
    _ optimizer: Optimizer, layout: WeightsLayout, pool: WorkerPool, kernels: KernelTable = .preferred
  ) {
    self.optimizer = optimizer
    self.layout = layout
    self.pool = pool
    partialCount = max(1, layout.trainedCount.dividedRoundingUp(by: elementsPerUpdate))
    partials = AlignedMemory(byteCount: partialCount * MemoryLayout<Float>.size)
    let norm = SquaresStep(
      gradients: Location(space: .gradients, offset: 0), partials: Location(space: .workspace, offset: 0),
      count: layout.trainedCount)
    let segments = [
      (first: 0, count: layout.decayedCount, decays: true),
      (first: layout.decayedCount, count: layout.trainedCount - layout.decayedCount, decays: false),
    ].filter { $0.count > 0 }
    let all =
      [Step(tasks: partialCount, work: .squares(norm))]
      + segments.map { segment in
        Step(
          tasks: segment.count.dividedRoundingUp(by: elementsPerUpdate),
          work: .update(UpdateStep(optimizer, first: segment.first, count: segment.count, decays: segment.decays)))
      }
    costs = Self.costs(all, optimizer, [layout.trainedCount] + segments.map(\.count))
    steps = .allocate(capacity: all.count)
    _ = steps.initialize(from: all)
    counters = .allocate(capacity: all.count)
    for index in all.indices { (counters + index).initialize(to: StepCounter()) }
    bases = .allocate(capacity: Space.count)
    bases.initialize(repeating: partials.base, count: Space.count)
    context = .allocate(capacity: 1)
    context.initialize(
      to: RunContext(
        kernels: kernels.functions, bases: bases, inputs: bases, locals: bases, scratch: partials.base, scratchStride: 0
      ))
  }

  /// The norm reads the gradients; an update reads them too, and reads and writes parameters and state.
  private static func costs(_ steps: [Step], _ optimizer: Optimizer, _ counts: [Int]) -> [StepCost] {
    zip(steps, counts).enumerated().map { index, pair in
      StepCost(
        part: .update, name: index == 0 ? "gradient-norm" : "update", problem: "\(pair.1) parameters",
        tasks: pair.0.tasks, multiplyAdds: 0,
        bytes: pair.1 * MemoryLayout<Float>.size * (index == 0 ? 1 : 3 + 2 * optimizer.stateCount))
    }
  }

  deinit {
    context.deallocate()
    bases.deallocate()
    counters.deinitialize(count: steps.count)
    counters.deallocate()
    steps.deallocate()
  }

  /// A state for the first step.
  public func start() -> OptimizerState { OptimizerState(optimizer, layout) }

  /// Changes `weights` by the gradients of `workspace`.
  public func update(
    _ weights: inout Weights, _ state: inout OptimizerState, gradients workspace: Workspace, rate: Float
  ) -> UpdateOutcome {
    begin(&weights, &state, workspace)
    let base = UnsafePointer(steps.baseAddress!)
    pool.run(base, count: 1, counters: counters, context: context)
    var squares = 0.0
    for index in 0..<partialCount { squares += Double(partials.floats[index]) }
    let norm = squares.squareRoot()
    guard norm.isFinite else { return UpdateOutcome(gradientNorm: norm, applied: false) }
    let clip = optimizer.clipNorm.map { min(1, Double($0) / max(norm, 1e-12)) } ?? 1
    state.step += 1
    setScalars(rate: rate, scale: Float(clip), time: state.step)
    pool.run(base + 1, count: steps.count - 1, counters: counters, context: context)
    return UpdateOutcome(gradientNorm: norm, applied: true)
  }

  /// Runs every step in a region of its own at a rate of zero, which leaves the weights as they are, and gives the time
  /// of each.
  func profile(
    _ weights: inout Weights, _ state: inout OptimizerState, gradients workspace: Workspace
  ) -> [StepTime] {
    begin(&weights, &state, workspace)
    state.step += 1
    setScalars(rate: 0, scale: 1, time: state.step)
    return pool.time(UnsafeBufferPointer(steps), costs, counters: counters, context: context)
  }

  private func begin(_ weights: inout Weights, _ state: inout OptimizerState, _ workspace: Workspace) {
    weights.makeUnique()
    state.makeUnique()
    bases[Int(Space.gradients.rawValue)] = workspace.gradients.base
    bases[Int(Space.parameters.rawValue)] = weights.parameters.base
    bases[Int(Space.firstState.rawValue)] = state.base(0, or: weights.parameters.base)
    bases[Int(Space.secondState.rawValue)] = state.base(1, or: weights.parameters.base)
  }

  private func setScalars(rate: Float, scale: Float, time: UInt64) {
    context.pointee.update.rate = rate
    context.pointee.update.gradientScale = scale
    switch optimizer.rule {
    case .sgd, .momentum, .nesterov, .adaGrad, .rmsProp: break
    case .adam(let beta1, let beta2, _), .adamW(let beta1, let beta2, _):
      context.pointee.update.correction1 = Float(1 - pow(Double(beta1), Double(time)))
      context.pointee.update.rootCorrection2 = Float((1 - pow(Double(beta2), Double(time))).squareRoot())
    }
  }

  /// The first parameter, by name, with a gradient that is not finite, or where all are, that with the largest; for the
  /// error that stops a training. nil where nothing is trained.
  public func parameterOfLargestGradient(_ workspace: Workspace) -> String? {
    var (name, most): (String?, Float) = (nil, -1)
    for entry in layout.entries where entry.segment != .frozen && entry.segment != .statistics {
      let gradient = workspace.gradient(entry.parameter)
      guard gradient.allSatisfy(\.isFinite) else { return entry.name }
      let largest = gradient.reduce(0) { max($0, abs($1)) }
      if largest > most { (name, most) = (entry.name, largest) }
    }
    return name
  }
}

extension UpdateStep {
  init(_ optimizer: Optimizer, first: Int, count: Int, decays: Bool) {
    let amount = decays ? optimizer.weightDecay : 0
    let numbers: (nk_update_kind, Float, Float, Float) =
      switch optimizer.rule {
      case .sgd: (NK_SGD, 0, 0, 0)
      case .momentum(let beta): (NK_MOMENTUM, beta, 0, 0)
      case .nesterov(let beta): (NK_NESTEROV, beta, 0, 0)
      case .adaGrad(let epsilon): (NK_ADAGRAD, 0, 0, epsilon)
      case .rmsProp(let rho, let epsilon): (NK_RMSPROP, 0, rho, epsilon)
      case .adam(let beta1, let beta2, let epsilon), .adamW(let beta1, let beta2, let epsilon):
        (NK_ADAM, beta1, beta2, epsilon)
      }
    self.init(
      kind: numbers.0, beta1: numbers.1, beta2: numbers.2, epsilon: numbers.3,
      coupledDecay: optimizer.rule.decaysBeside ? 0 : amount,
      decoupledDecay: optimizer.rule.decaysBeside ? amount : 0, valueLimit: optimizer.clipValue ?? 0, first: first,
      count: count)
  }
}
