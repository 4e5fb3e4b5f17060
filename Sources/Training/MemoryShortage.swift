import NunchiTensors

/// A training that does not fit the memory, and what of it would.
public struct MemoryShortage: Hashable, Sendable {
  /// A smaller number for an option, and the bytes that the training then needs.
  package struct Fitting: Hashable, Sendable {
    package let value: Int
    package let needed: Int

    package init(value: Int, needed: Int) { (self.value, self.needed) = (value, needed) }
  }

  /// Images of a step.
  public let batch: Int
  /// Bytes that the training would take.
  public let needed: Int
  /// Bytes that there are.
  public let available: Int
  /// The largest batch that fits; nil where a single image does not.
  package let fitting: Fitting?
  /// The largest side of the pictures, in steps of 8, with which the whole batch fits; nil where none does, or where the
  /// network fixes it.
  package let fittingSide: Fitting?

  package init(batch: Int, needed: Int, available: Int, fitting: Fitting?, fittingSide: Fitting?) {
    (self.batch, self.needed, self.available) = (batch, needed, available)
    (self.fitting, self.fittingSide) = (fitting, fittingSide)
  }

  /// What is wrong.
  public var problem: String {
    "--batch \(batch) needs \(MemoryNeed.text(needed)) of memory, expected at most the \(MemoryNeed.text(available)) that "
      + "are available"
  }

  /// What fits.
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
