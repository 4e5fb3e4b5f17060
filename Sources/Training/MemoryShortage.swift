import NunchiTensors

/// A training does not fit into memory, with the settings that would.
public struct MemoryShortage: Hashable, Sendable {
  /// A smaller value of an option, and the bytes that the training then needs.
  package struct Fitting: Hashable, Sendable {
    package let value: Int
    package let needed: Int

    package init(value: Int, needed: Int) { (self.value, self.needed) = (value, needed) }
  }

  /// The batch size that was asked for.
  public let batch: Int
  /// The bytes that the training needs.
  public let needed: Int
  /// The bytes that are available.
  public let available: Int
  /// The largest batch that fits; nil where a single image does not.
  package let fitting: Fitting?
  /// The largest image side, in steps of 8, with which the whole batch fits; nil where none does or the side is fixed.
  package let fittingSide: Fitting?

  package init(batch: Int, needed: Int, available: Int, fitting: Fitting?, fittingSide: Fitting?) {
    (self.batch, self.needed, self.available) = (batch, needed, available)
    (self.fitting, self.fittingSide) = (fitting, fittingSide)
  }

  /// What is wrong, in a sentence.
  public var problem: String {
    "--batch \(batch) needs \(MemoryNeed.text(needed)) of memory, expected at most the \(MemoryNeed.text(available)) that "
      + "are available"
  }

  /// What would fit, in a sentence.
  public var remedy: String {
    var parts: [String] = []
    if let fitting {
      let steps = batch.dividedRoundingUp(by: fitting.value)
      parts.append(
        "--batch \(fitting.value) fits with \(MemoryNeed.text(fitting.needed)), and with --accumulate \(steps) learns from as "
          + "many images a step")
    }
    if let fittingSide {
      parts.append("--size \(fittingSide.value) fits with \(MemoryNeed.text(fittingSide.needed))")
    }
    if parts.isEmpty { parts.append("no smaller --batch fits: choose a smaller --size or --width, or another --model") }
    return parts.joined(separator: "; ")
  }
}
