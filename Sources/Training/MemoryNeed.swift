import NunchiDatasets
import NunchiEngine
import NunchiGraph
import NunchiModels
import NunchiTensors

/// The peak memory of a training, computed from its plans before any of it is allocated.
///
/// It excludes the cache of decoded images, which takes at most what is left.
struct MemoryNeed {
  let bytes: Int

  /// What the memory depends on, besides settings and network.
  struct Circumstances {
    let images: [Split: Int]
    let threads: Int
    let frozen: Set<Parameter>
    /// The bytes that are available to the training.
    let available: Int
  }

  /// - Parameter batch: the batch size, instead of that of the settings.
  init(
    _ parts: TrainingNetwork.Parts, _ settings: TrainingSettings, _ circumstances: Circumstances, batch: Int
  ) throws {
    let layout = WeightsLayout(parts.model.namedParameters(), frozen: circumstances.frozen)
    let threads = circumstances.threads
    func plans(_ batch: Int) throws -> (training: Plan, validation: Plan) {
      try TrainingNetwork.plans(parts, layout, settings, batch: batch, PlanOptions())
    }
    let whole = try plans(batch)
    var training = whole.training.bytes(threads: threads)
    // The last batch of an epoch needs a plan of its own where rows depend on each other.
    let images = circumstances.images[.train] ?? 0
    let rest = images % batch
    if whole.training.needsExactBatch, rest > 0, images > batch {
      training += try plans(rest).training.bytes(threads: threads)
    }
    let numbers = layout.parameterCount + layout.statisticCount
    func inference(_ splits: [Split]) throws -> Int {
      // Rows that are never used take no memory, nor do gradients, which this plan does not write: their pages stay
      // untouched.
      let most = splits.compactMap { circumstances.images[$0] }.max() ?? 0
      guard most > 0 else { return 0 }
      let plan = most < batch ? try plans(most).validation : whole.validation
      return plan.bytes(threads: threads) - layout.parameterCount * MemoryLayout<Float>.size
    }
    // The current and the best weights, the average where there is one, and the arenas of the optimizer.
    let weights =
      numbers * (settings.averaging == nil ? 2 : 3) + layout.trainedCount * settings.optimizer.stateCount
    let sums = settings.accumulation > 1 ? layout.trainedCount : 0
    func batches(_ splits: [Split]) -> Int {
      let most = splits.compactMap { circumstances.images[$0] }.max() ?? 0
      return min(BatchLoader.depth * batch, most) * parts.image.height * parts.image.width * parts.image.channels
    }
    // A checkpoint copies what it writes. Later, the final evaluation has a plan and batches of its own.
    let gathered = settings.out == nil ? 0 : weights * MemoryLayout<Float>.size
    let held = [Split.validation, .test]
    bytes =
      try training + inference([.validation]) + (weights + sums) * MemoryLayout<Float>.size + batches([.train])
      + batches([.validation]) + max(gathered, inference(held) + batches(held))
  }

  /// Throws where the training needs more memory than there is. The error names a batch size and an image size that
  /// fit.
  ///
  /// - Parameter resized: the network for images of another side; nil where the side is fixed.
  static func check(
    _ parts: TrainingNetwork.Parts, _ settings: TrainingSettings, _ circumstances: Circumstances,
    resized: ((_ side: Int) throws -> TrainingNetwork.Parts)?
  ) throws -> MemoryNeed {
    let whole = try MemoryNeed(parts, settings, circumstances, batch: settings.batch)
    let available = circumstances.available
    guard whole.bytes > available else { return whole }
    // Sides are multiples of 8, which most networks can halve often.
    let batch = try largest(below: settings.batch, available) { batch in
      try MemoryNeed(parts, settings, circumstances, batch: batch)
    }
    let side = try resized.flatMap { resized in
      try largest(below: parts.image.width.dividedRoundingUp(by: sideStep), available) { count in
        try MemoryNeed(resized(count * sideStep), settings, circumstances, batch: settings.batch)
      }
    }
    throw TrainingError.memory(
      MemoryShortage(
        batch: settings.batch, needed: whole.bytes, available: available,
        fitting: batch.map { .init(value: $0.count, needed: $0.need.bytes) },
        fittingSide: side.map { .init(value: $0.count * sideStep, needed: $0.need.bytes) }))
  }

  private static let sideStep = 8

  /// The largest number from 1 to `bound` - 1 whose need fits, by bisection. A network that cannot be made is too
  /// small, so it counts as one that fits.
  private static func largest(
    below bound: Int, _ available: Int, _ need: (Int) throws -> MemoryNeed
  ) throws -> (count: Int, need: MemoryNeed)? {
    var (low, high) = (0, bound)
    var best: (count: Int, need: MemoryNeed)?
    while high - low > 1 {
      let middle = (low + high) / 2
      let found: MemoryNeed?
      do { found = try need(middle) } catch is ModelPresetError { found = nil }
      if let found, found.bytes > available {
        high = middle
      } else {
        low = middle
        if let found { best = (middle, found) }
      }
    }
    return best
  }

  /// A number of bytes as text, such as `1.9 GiB`.
  static func text(_ bytes: Int) -> String {
    let (unit, shift) = bytes >= 1 << 30 ? ("GiB", 30) : bytes >= 1 << 20 ? ("MiB", 20) : ("KiB", 10)
    let tenths = (bytes * 10 + 1 << (shift - 1)) >> shift
    return "\(tenths / 10).\(tenths % 10) \(unit)"
  }
}
