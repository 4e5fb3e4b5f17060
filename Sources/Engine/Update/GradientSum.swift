import NunchiGraph
import NunchiKernels
import NunchiTensors

/// The sum of the gradients of a batch's parts, in order: ((g₀ + g₁) + g₂) + …
///
/// An arena as long as the trained parameters; each part costs one pass over it.
final class GradientSum {
  /// Parts added since the sum was last taken.
  private(set) var parts = 0
  private let pool: WorkerPool
  private let arena: AlignedMemory
  private let factor: AlignedMemory
  /// The passes, in the order of `Pass`.
  private let steps: UnsafeMutableBufferPointer<Step>
  private let counters: UnsafeMutablePointer<StepCounter>
  private let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  private let context: UnsafeMutablePointer<RunContext>

  /// sum = g · factor; sum = sum + g; g = sum · factor.
  private enum Pass: Int { case begin, add, take }

  init(_ layout: WeightsLayout, pool: WorkerPool, kernels: KernelTable) {
    self.pool = pool
    let count = layout.trainedCount
    arena = AlignedMemory(byteCount: max(count, 1) * MemoryLayout<Float>.size)
    factor = AlignedMemory(byteCount: MemoryLayout<Float>.size)
    let gradients = Location(space: .gradients, offset: 0)
    let sum = Location(space: .firstState, offset: 0)
    let scalar = Location(space: .secondState, offset: 0)
    func pass(_ kind: nk_binary_kind, _ a: Location, _ b: Location, to y: Location) -> Step {
      let work = BinaryStep(
        kind: kind, a: a, b: b, y: y, aStrides: (1, 1), bStrides: b == scalar ? (0, 0) : (1, 1), rows: .fixed(count),
        columns: 1, rowsPerTask: elementsPerUpdate)
      return Step(tasks: count.dividedRoundingUp(by: elementsPerUpdate), work: .binary(work))
    }
    let all = [
      pass(NK_MULTIPLY, gradients, scalar, to: sum), pass(NK_ADD, sum, gradients, to: sum),
      pass(NK_MULTIPLY, sum, scalar, to: gradients),
    ]
    steps = .allocate(capacity: all.count)
    _ = steps.initialize(from: all)
    counters = .allocate(capacity: 1)
    counters.initialize(to: StepCounter())
    bases = .allocate(capacity: Space.count)
    bases.initialize(repeating: arena.base, count: Space.count)
    bases[Int(Space.secondState.rawValue)] = factor.base
    context = .allocate(capacity: 1)
    context.initialize(
      to: RunContext(
        kernels: kernels.functions, bases: bases, inputs: bases, locals: bases, scratch: arena.base, scratchStride: 0))
  }

  deinit {
    context.deallocate()
    bases.deallocate()
    counters.deinitialize(count: 1)
    counters.deallocate()
    steps.deallocate()
  }

  /// Adds the gradients of a workspace.
  func add(_ workspace: Workspace) {
    run(parts == 0 ? .begin : .add, workspace, factor: 1)
    parts += 1
  }

  /// Overwrites the gradients of a workspace with the sum times `factor`, and resets the sum.
  func take(into workspace: Workspace, factor: Float) {
    run(.take, workspace, factor: factor)
    parts = 0
  }

  private func run(_ pass: Pass, _ workspace: Workspace, factor value: Float) {
    factor.floats.pointee = value
    bases[Int(Space.gradients.rawValue)] = workspace.gradients.base
    pool.run(UnsafePointer(steps.baseAddress! + pass.rawValue), count: 1, counters: counters, context: context)
  }
}
