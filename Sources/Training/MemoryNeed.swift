import NunchiDatasets
import NunchiEngine
import NunchiGraph

/// The memory that a training takes, known before any of it is: from its plans, not from a trial.
struct MemoryNeed {
  let bytes: Int

  /// - Parameters:
  ///   - layout: of the network's weights.
  ///   - batch: instead of that of the settings.
  init(
    _ parts: TrainingNetwork.Parts, _ layout: WeightsLayout, _ settings: TrainingSettings, batch: Int, threads: Int,
    _ options: PlanOptions
  ) throws {
    let plans = try TrainingNetwork.plans(parts, layout, settings, batch: batch, options)
    let numbers = layout.parameterCount + layout.statisticCount
    // In work and the best; each optimizer's arena; the sum of the gradients of several batches.
    var kept = numbers * (settings.averaging == nil ? 2 : 3)
    kept += layout.trainedCount * settings.resolvedOptimizer.stateCount
    // A checkpoint gathers what it writes.
    if settings.out != nil { kept *= 2 }
    if settings.accumulation > 1 { kept += layout.trainedCount }
    let image = parts.image.height * parts.image.width * parts.image.channels
    bytes =
      plans.training.bytes(threads: threads)
      // The final evaluation has a plan of its own, as large.
      + 2 * plans.validation.bytes(threads: threads) + kept * MemoryLayout<Float>.size
      + 2 * BatchLoader.depth * batch * image
  }

  /// Throws where the training needs more than there is, and names what would fit.
  static func check(
    _ parts: TrainingNetwork.Parts, _ settings: TrainingSettings, frozen: Set<Parameter>, threads: Int, available: Int
  ) throws -> MemoryNeed {
    let layout = WeightsLayout(parts.model.namedParameters(), frozen: frozen)
    func need(_ batch: Int) throws -> MemoryNeed {
      try MemoryNeed(parts, layout, settings, batch: batch, threads: threads, PlanOptions())
    }
    let whole = try need(settings.batch)
    guard whole.bytes > available else { return whole }
    var (batch, smaller) = (settings.batch, whole)
    while batch > 1, smaller.bytes > available {
      batch /= 2
      smaller = try need(batch)
    }
    throw TrainingError.memory(
      batch: settings.batch, needed: whole.bytes, available: available, smaller: batch, smallerNeeds: smaller.bytes)
  }

  /// A number of bytes for a person: `1.9 GiB`.
  static func text(_ bytes: Int) -> String {
    let (unit, shift) = bytes >= 1 << 30 ? ("GiB", 30) : bytes >= 1 << 20 ? ("MiB", 20) : ("KiB", 10)
    let tenths = (bytes * 10 + 1 << (shift - 1)) >> shift
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }
}
