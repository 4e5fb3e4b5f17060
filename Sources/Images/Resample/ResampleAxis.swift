import NunchiKernels
import Synchronization

/// The weights of one axis of a resampling, in whole numbers: output i sums `counts[i]` inputs from `starts[i]` on, weighted
/// by `weights[i * taps...]` in units of 2⁻²².
///
/// Output i lies at c = from + (i + ½)·scale of the input. With s = max(scale, 1) the weight of input j is
/// w(j) = filter((j + ½ - c) / s), divided by the sum of the output's weights; computed in Double, rounded once.
final class ResampleAxis: Sendable {
  /// What the weights depend on.
  struct Key: Hashable, Sendable {
    let inputs: Int
    /// The part of the input that is scaled; single precision, as in Pillow.
    let from: Float
    let to: Float
    let outputs: Int
    let filter: ResampleFilter

    init(inputs: Int, from: Double, to: Double, outputs: Int, filter: ResampleFilter) {
      (self.inputs, self.outputs, self.filter) = (inputs, outputs, filter)
      (self.from, self.to) = (Float(from), Float(to))
    }

    var scale: Double { Double(to - from) / Double(outputs) }

    func center(_ output: Int) -> Double { Double(from) + (Double(output) + 0.5) * scale }
  }

  let inputs: Int
  let starts: [Int32]
  let counts: [Int32]
  let weights: [Int32]
  let taps: Int

  var outputs: Int { starts.count }
  /// The inputs that have a say.
  var used: Range<Int> { Int(starts[0])..<Int(starts[outputs - 1] + counts[outputs - 1]) }

  init(_ key: Key) {
    inputs = key.inputs
    let stretch = max(key.scale, 1)
    let support = key.filter.support * stretch
    taps = Int(support.rounded(.up)) * 2 + 1
    var starts: [Int32] = []
    var counts: [Int32] = []
    var weights = [Int32](repeating: 0, count: key.outputs * taps)
    var next = Double(key.from) + key.scale * 0.5
    for output in 0..<key.outputs {
      // Sums, not products, decide between two equally near samples: so does Pillow.
      let window = key.filter == .nearest ? Self.sample(at: next, key) : Self.window(key, output, support)
      next += key.scale
      starts.append(Int32(window.lowerBound))
      counts.append(Int32(window.count))
      let center = key.center(output)
      let row = window.map { key.filter.weight((Double($0) - center + 0.5) / stretch) }
      let sum = row.reduce(0, +)
      for (tap, weight) in row.enumerated() {
        weights[output * taps + tap] = Self.fixed(sum == 0 ? weight : weight / sum)
      }
    }
    (self.starts, self.counts, self.weights) = (starts, counts, weights)
  }

  /// The inputs of one output, at least one.
  private static func window(_ key: Key, _ output: Int, _ support: Double) -> Range<Int> {
    let center = key.center(output)
    let first = min(max(Int(center - support + 0.5), 0), key.inputs - 1)
    return first..<max(min(Int(center + support + 0.5), key.inputs), first + 1)
  }

  private static func sample(at position: Double, _ key: Key) -> Range<Int> {
    let place = min(max(Int(position), 0), key.inputs - 1)
    return place..<place + 1
  }

  private static func fixed(_ weight: Double) -> Int32 {
    let one = Double(1 << NK_RESAMPLE_BITS)
    return Int32(weight * one + (weight < 0 ? -0.5 : 0.5))
  }

  /// Calls `body` with the axis as kernels take it.
  func withKernelAxis(_ body: (UnsafePointer<nk_axis>) -> Void) {
    starts.withUnsafeBufferPointer { starts in
      counts.withUnsafeBufferPointer { counts in
        weights.withUnsafeBufferPointer { weights in
          var axis = nk_axis(
            starts: starts.baseAddress!, counts: counts.baseAddress!, weights: weights.baseAddress!,
            inputs: Int64(inputs), outputs: Int64(outputs), taps: Int64(taps))
          withUnsafePointer(to: &axis) { body($0) }
        }
      }
    }
  }
}

extension ResampleAxis {
  /// The axes used last. A folder has some hundred sizes of pictures; an axis takes some kilobytes.
  private static let cache = Mutex<[Key: ResampleAxis]>([:])
  private static let cacheLimit = 512

  /// The axis, made now or kept from before.
  static func cached(_ key: Key) -> ResampleAxis {
    if let kept = cache.withLock({ $0[key] }) { return kept }
    let made = ResampleAxis(key)
    cache.withLock {
      if $0.count >= cacheLimit { $0.removeAll(keepingCapacity: true) }
      $0[key] = made
    }
    return made
  }
}
