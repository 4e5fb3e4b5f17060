import NunchiGraph
import NunchiSystem
import NunchiTensors

/// The results of a plan's preparation: packed weights, folded constants. Belongs to one plan; any number of its
/// workspaces may share it, on any threads, as long as all of them run the same weights.
public final class PreparedWeights: @unchecked Sendable {
  let memory: AlignedMemory
  private let canaries: [Int]
  private let lock = ConditionLock()
  /// The version of the weights that is prepared; 0: none yet.
  private var version: UInt64 = 0

  /// Memory for a plan, not prepared yet.
  public init(_ plan: Plan) {
    let checked = plan.options.checked
    memory = AlignedMemory(byteCount: plan.preparedBytes, guarded: checked)
    canaries = plan.preparedCanaries
    guard checked else { return }
    memory.floats.update(repeating: .nan, count: plan.preparedBytes / MemoryLayout<Float>.size)
    Plan.setCanaries(canaries, in: memory)
  }

  /// Calls `prepare` where these weights are not prepared yet; returns when they are.
  func prepare(_ weights: Weights, _ prepare: () -> Void) {
    lock.locked {
      guard version != weights.version else { return }
      prepare()
      version = weights.version
    }
  }

  func checkCanaries() { Plan.checkCanaries(canaries, in: memory) }
}
