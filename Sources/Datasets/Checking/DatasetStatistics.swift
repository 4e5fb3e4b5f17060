import NunchiImages

/// Numbers about the readable pictures of an examined data set.
package struct DatasetStatistics: Sendable {
  /// Least, middle and greatest of a list.
  package struct Spread: Sendable, Hashable {
    package let least: Int
    package let median: Int
    package let greatest: Int

    init?(_ values: [Int]) {
      guard !values.isEmpty else { return nil }
      let sorted = values.sorted()
      least = sorted[0]
      median = sorted[(sorted.count - 1) / 2]
      greatest = sorted[sorted.count - 1]
    }
  }

  /// Pictures whose longer side lies in `from...to`.
  package struct Bin: Sendable, Hashable {
    package let from: Int
    package let to: Int
    package let count: Int
  }

  package let pictures: Int
  package let width: Spread?
  package let height: Spread?
  /// Of files, in bytes.
  package let bytes: Spread?
  package let longerSide: [Bin]
  /// The formats that occur, the most frequent first.
  package let formats: [(format: ImageFormat, count: Int)]
  package let gray: Int
  package let moments: ChannelMoments

  package init(_ examination: Examination) {
    let readable = examination.pictures.filter { $0.pixels != nil }
    let pixels = readable.compactMap(\.pixels)
    pictures = pixels.count
    width = Spread(pixels.map(\.width))
    height = Spread(pixels.map(\.height))
    bytes = Spread(readable.compactMap(\.bytes))
    longerSide = Self.bins(pixels.map { max($0.width, $0.height) })
    let formats = Dictionary(grouping: readable.compactMap(\.format)) { $0 }.mapValues(\.count)
    self.formats = formats.sorted { ($1.value, $0.key.rawValue) < ($0.value, $1.key.rawValue) }
      .map { (format: $0.key, count: $0.value) }
    gray = pixels.count { $0.channels == 1 }
    moments = pixels.reduce(into: ChannelMoments()) { $0.add($1.moments) }
  }

  /// Eight bins of equal width, fewer where there are fewer sizes.
  private static func bins(_ values: [Int]) -> [Bin] {
    guard let least = values.min(), let greatest = values.max() else { return [] }
    let step = max(1, (greatest - least + 1 + 7) / 8)
    return stride(from: least, through: greatest, by: step).map { from in
      let to = min(from + step - 1, greatest)
      return Bin(from: from, to: to, count: values.count { (from...to).contains($0) })
    }
  }
}
