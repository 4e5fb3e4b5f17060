import NunchiDatasets
import NunchiImages
import Testing

@Suite struct SamplingTests {
  private func order(_ labels: [Int], _ epoch: Int, seed: UInt64 = 1) -> [Sample] {
    Sampling.balanced.order(labels: labels, seed: seed, name: "train", epoch: epoch)
  }

  /// As many as the split has, each class as often as any other, give or take one; a class without images takes no part.
  @Test(arguments: [[95, 5], [7, 0, 21, 3], [1, 1, 50], [6]]) func classesComeEquallyOften(_ counts: [Int]) {
    let labels = counts.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
    for epoch in 0..<5 {
      let samples = order(labels, epoch)
      #expect(samples.count == labels.count)
      let drawn = Dictionary(grouping: samples) { labels[$0.item] }.mapValues(\.count)
      #expect(drawn.count == counts.filter { $0 > 0 }.count)
      #expect(drawn.values.max()! - drawn.values.min()! <= 1)
      // A repeated image is a different one to augmentation.
      #expect(Set(samples).count == samples.count)
    }
  }

  /// Images of a large class must not wait for ever, and those of a small one come as often as their fellows.
  @Test func everyImageGetsItsTurn() {
    let labels = (0..<100).map { $0 < 90 ? 0 : 1 }
    var drawn = [Int](repeating: 0, count: 100)
    for epoch in 0..<4 {
      for sample in order(labels, epoch) { drawn[sample.item] += 1 }
    }
    #expect(drawn[..<90].min()! >= 2 && drawn[..<90].max()! <= 3)
    #expect(drawn[90...].allSatisfy { $0 == 20 })
  }

  @Test func epochsAndSeedsDiffer() {
    let labels = (0..<40).map { $0 % 5 == 0 ? 1 : 0 }
    #expect(order(labels, 0) == order(labels, 0))
    #expect(order(labels, 0) != order(labels, 1))
    #expect(order(labels, 0) != order(labels, 0, seed: 2))
  }

  /// The loader hands the occurrence on: a picture that comes again is augmented in another way.
  @Test func repeatedPicturesDiffer() throws {
    let images = (0..<20).map { (image: picture($0), label: $0 == 0 ? 1 : 0) }
    let dataset = Dataset(classes: ["many", "one"], train: images, validation: [], test: [])
    let loader = BatchLoader(
      dataset: dataset, split: .train, preprocessing: Preprocessing(width: 8, height: 8), augmentation: .light,
      batchSize: 20, sampling: .balanced, cache: PixelCache(.none))
    var rare: [[UInt8]] = []
    loader.epoch(0) { batch in
      for row in 0..<batch.count where batch.labels[row] == 1 {
        rare.append(Array(batch.images[row * 192..<(row + 1) * 192]))
      }
    }
    #expect(rare.count == 10 && Set(rare).count >= 9)
  }
}
