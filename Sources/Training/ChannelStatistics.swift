import NunchiDatasets
import NunchiLayers

/// Histograms of the bytes of each channel, over the preprocessed training images without augmentation. Counts are
/// exact, so neither the order nor the number of threads changes the result.
struct ChannelStatistics {
  private var counts: [[Int]]

  /// - Parameter loader: the loader of the training split. No other images are measured.
  init(_ loader: BatchLoader, stop: StopRequest) {
    let channels = loader.preprocessing.channels
    var histogram = [Int](repeating: 0, count: channels * 256)
    loader.unchanged { batch in
      guard !stop.isSet else { return }
      histogram.withUnsafeMutableBufferPointer { Self.count(batch.images, channels, into: $0.baseAddress!) }
    }
    counts = (0..<channels).map { Array(histogram[$0 * 256..<($0 + 1) * 256]) }
  }

  private static func count(
    _ bytes: UnsafeBufferPointer<UInt8>, _ channels: Int, into histogram: UnsafeMutablePointer<Int>
  ) {
    var index = 0
    while index < bytes.count {
      for channel in 0..<channels { histogram[channel << 8 + Int(bytes[index + channel])] += 1 }
      index += channels
    }
  }

  /// The number of pixels counted.
  var pixels: Int { counts[0].reduce(0, +) }

  /// The layer that normalises the bytes. A constant channel gets deviation 1 and becomes 0.
  func normalization(_ rule: TrainingSettings.NormalizationRule) -> Normalization {
    switch rule {
    case .zscore:
      let moments = counts.map(Self.moments)
      return Normalization(
        mean: moments.map { Float($0.mean / 255) }, deviation: moments.map { Self.divisor($0.deviation) })
    case .minmax:
      let ends = counts.map { (low: $0.firstIndex { $0 > 0 } ?? 0, high: $0.lastIndex { $0 > 0 } ?? 0) }
      return Normalization(
        mean: ends.map { Float(Double($0.low) / 255) }, deviation: ends.map { Self.divisor(Double($0.high - $0.low)) })
    case .none:
      let channels = counts.count
      return Normalization(
        scale: 1, mean: [Float](repeating: 0, count: channels), deviation: [Float](repeating: 1, count: channels))
    }
  }

  private static func divisor(_ bytes: Double) -> Float { bytes > 0 ? Float(bytes / 255) : 1 }

  /// Mean and standard deviation in bytes.
  private static func moments(_ counts: [Int]) -> (mean: Double, deviation: Double) {
    let total = Double(max(counts.reduce(0, +), 1))
    let mean = Double(counts.enumerated().reduce(0) { $0 + $1.offset * $1.element }) / total
    let squares = counts.enumerated().reduce(0.0) { sum, entry in
      let distance = Double(entry.offset) - mean
      return sum + distance * distance * Double(entry.element)
    }
    return (mean, (squares / total).squareRoot())
  }
}
