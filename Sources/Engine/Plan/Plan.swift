import NunchiGraph
import NunchiKernels
import NunchiTensors

/// How a plan is compiled.
public struct PlanOptions: Sendable {
  /// The instruction set whose kernels run.
  public var kernels: KernelTable
  /// Guard pages round the arena, canaries between buffers, and every buffer poisoned before its first and after its
  /// last use. For tests; one arena otherwise blinds the address sanitizer.
  public var checked: Bool
  /// Whether 3x3 convolutions of stride 1 may be computed by Winograd's algorithm, where a rule of their shape says so:
  /// up to four times fewer multiplications, and other rounding (a numeric class of its own).
  public var winograd: Bool
  /// What was measured on this machine. Bits do not depend on it.
  public var tuning: Tuning
  /// Where neighbouring steps run together on a few rows at a time. The bits are the same.
  public var chains: Chains

  /// Where steps run together on a few rows at a time.
  public enum Chains: Sendable {
    /// Nowhere.
    case never
    /// Where the batch is large enough, and intermediate results are too large to stay in the cache otherwise.
    case whereFaster
    /// Also where it gains nothing. For tests.
    case wherePossible
  }

  /// Compiles a graph for weights of this layout.
  public init(
    kernels: KernelTable = .preferred, checked: Bool = false, winograd: Bool = true, tuning: Tuning = Tuning(),
    chains: Chains = .whereFaster
  ) {
    self.kernels = kernels
    self.checked = checked
    self.winograd = winograd
    self.tuning = tuning
    self.chains = chains
  }
}

/// A compiled graph: an array of steps, and an offset in one arena for every value. Immutable; one plan serves many runs
/// at once, each with a `Workspace` of its own. They may share one `PreparedWeights`.
public final class Plan: @unchecked Sendable {
  /// The rows that the graph was traced with; a run may use fewer.
  public let batch: Int
  /// Whether a run must use all rows, because an operation mixes them.
  public let needsExactBatch: Bool
  /// How it was compiled.
  public let options: PlanOptions
  let layout: WeightsLayout
  let inputs: [(name: String, type: ValueType)]
  let outputs: [String: (location: Location, type: ValueType)]
  /// Steps that depend on the weights alone: packing, folded constants. Run when the weights have changed.
  let preparation: UnsafeMutableBufferPointer<Step>
  let main: UnsafeMutableBufferPointer<Step>
  let constants: AlignedMemory
  /// Bytes of the prepared memory.
  let preparedBytes: Int
  /// Bytes of the arena and of each worker's scratch.
  public let workspaceBytes: Int
  let scratchBytes: Int
  let changesStatistics: Bool

  /// The memory of the plan and of one workspace for it.
  package func bytes(threads: Int) -> Int {
    preparedBytes + workspaceBytes + scratchBytes * threads + constants.byteCount
      + layout.parameterCount * MemoryLayout<Float>.size
  }

  /// Offsets of the canaries behind buffers, in the arena and in the prepared memory.
  let canaries: [Int]
  let preparedCanaries: [Int]
  /// The problems whose piece sizes a tuning may choose.
  package let tunable: Set<String>
  /// What each step costs for the full batch, in order: the preparation's, then those of a run.
  public let costs: [StepCost]
  private let owned: OwnedMemory

  private static let canaryBytes = 64
  private static let canary: UInt8 = 0xA5

  static func setCanaries(_ offsets: [Int], in memory: AlignedMemory) {
    for offset in offsets {
      (memory.base + offset).initializeMemory(as: UInt8.self, repeating: canary, count: canaryBytes)
    }
  }

  static func checkCanaries(_ offsets: [Int], in memory: AlignedMemory) {
    for offset in offsets {
      let bytes = UnsafeRawBufferPointer(start: memory.base + offset, count: canaryBytes)
      precondition(bytes.allSatisfy { $0 == canary }, "a step wrote behind a buffer at \(offset)")
    }
  }

  /// Compiles a graph for weights of this layout.
  public init(_ graph: Graph, layout: WeightsLayout, options: PlanOptions = PlanOptions()) {
    let folded = foldBatchNormalization(graph)
    let compiler = Compiler(
      folded, layout: layout, allowsWinograd: options.winograd, tuning: options.tuning)
    let schedule = Schedule(compiler, chains: Self.chains(folded, options), checked: options.checked)
    let (memory, prepared) = Self.place(schedule, options)
    var linker = Linker(
      offsets: schedule.roots.map { memory.offsets[$0] },
      prepared: schedule.prepared.indices.map { schedule.prepared[$0] ? prepared.offsets[$0] : nil })
    preparation = Self.link(schedule.preparation, &linker)
    main = Self.link(schedule.main, &linker)
    owned = linker.owned
    self.layout = layout
    self.options = options
    batch = compiler.batch
    needsExactBatch = folded.needsExactBatch
    inputs = folded.inputs.map { ($0.name, folded.type($0.value)) }
    outputs = Dictionary(
      folded.outputs.map { ($0.name, (linker(compiler.slot($0.value)), folded.type($0.value))) }
    ) { $1 }
    (preparedBytes, workspaceBytes) = (prepared.bytes, memory.bytes)
    scratchBytes = (schedule.scratch + 64).roundedUp(toMultipleOf: 4096)
    changesStatistics = !folded.assignments.isEmpty
    constants = Self.store(compiler)
    canaries = options.checked ? Self.ends(schedule, memory, prepared: false) : []
    preparedCanaries = options.checked ? Self.ends(schedule, prepared, prepared: true) : []
    tunable = Set(schedule.main.filter(\.tunable).map(\.problem))
    costs =
      schedule.preparation.map { compiler.cost($0, .preparation) } + schedule.main.map { compiler.cost($0, .main) }
  }

  deinit {
    preparation.deallocate()
    main.deallocate()
  }

  /// Batch statistics interrupt chains so often that they gain nothing.
  private static func chains(_ graph: Graph, _ options: PlanOptions) -> PlanOptions.Chains {
    let gainsNothing = options.chains == .whereFaster && graph.normalizesBatches
    return graph.needsExactBatch || gainsNothing ? .never : options.chains
  }

  /// Plans the arena of a run and, apart from it, the prepared memory.
  private static func place(_ schedule: Schedule, _ options: PlanOptions) -> (arena: MemoryPlan, prepared: MemoryPlan) {
    func plan(prepared: Bool) -> MemoryPlan {
      let buffers = zip(schedule.buffers, schedule.prepared).map { buffer, isPrepared in
        isPrepared == prepared ? buffer : MemoryPlan.Buffer(bytes: 0, first: 0, last: 0)
      }
      return MemoryPlan(buffers, gap: options.checked ? canaryBytes : 0, reuse: !options.checked)
    }
    return (plan(prepared: false), plan(prepared: true))
  }

  /// The offset behind each buffer of one of the two memories.
  private static func ends(_ schedule: Schedule, _ memory: MemoryPlan, prepared: Bool) -> [Int] {
    schedule.buffers.indices.filter { schedule.buffers[$0].bytes > 0 && schedule.prepared[$0] == prepared }
      .map { memory.offsets[$0] + schedule.buffers[$0].bytes }
  }

  private static func link(_ drafts: [Draft], _ linker: inout Linker) -> UnsafeMutableBufferPointer<Step> {
    let steps = UnsafeMutableBufferPointer<Step>.allocate(capacity: drafts.count)
    for (index, draft) in drafts.enumerated() {
      steps.initializeElement(at: index, to: Step(tasks: draft.tasks, work: draft.make(&linker)))
    }
    return steps
  }

  private static func store(_ compiler: Compiler) -> AlignedMemory {
    let memory = AlignedMemory(byteCount: compiler.constantBytes)
    var offset = 0
    for tensor in compiler.constants {
      tensor.withUnsafeBytes { bytes in
        if let base = bytes.baseAddress { (memory.base + offset).copyMemory(from: base, byteCount: bytes.count) }
        offset += bytes.count.roundedUp(toMultipleOf: 64)
      }
    }
    return memory
  }

  /// The steps in order, with what each computes, and what the plan costs in memory.
  public func describe() -> String {
    var lines = ["plan: batch \(batch), \(options.kernels), arena \(workspaceBytes >> 10) KiB, \(costs.count) steps"]
    for step in costs {
      var line = step.part == .preparation ? "  prepare " : "  "
      line += step.name
      if !step.problem.isEmpty { line += "  [\(step.problem)]" }
      line += "  tasks \(step.tasks)"
      if step.multiplyAdds > 0 { line += "  \(step.multiplyAdds / 1000)k multiply-adds" }
      lines.append(line)
    }
    return lines.joined(separator: "\n")
  }

  /// Whether Winograd's algorithm computes any convolution: where it does not, the option changes nothing.
  package var usesWinograd: Bool { costs.contains { $0.name.hasPrefix("winograd-") } }

  /// Multiply-adds of one run of the full batch.
  public var multiplyAdds: Int { costs.reduce(0) { $0 + $1.multiplyAdds } }
}
