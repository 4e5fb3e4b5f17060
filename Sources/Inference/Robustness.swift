import NunchiDatasets
import NunchiImages
import NunchiTensors

/// A disturbance of images, at rising strengths.
package enum Disturbance: String, Hashable, Sendable, CaseIterable {
  case blur, noise, darkness, rotation, jpeg

  /// The strengths that are tested, from mild to strong, in `unit`.
  package var strengths: [Float] {
    switch self {
    case .blur: [0.5, 1, 2, 4]
    case .noise: [8, 16, 32, 64]
    case .darkness: [0.2, 0.4, 0.6, 0.8]
    case .rotation: [5, 15, 30, 60]
    case .jpeg: [60, 30, 15, 5]
    }
  }

  /// The unit of the strengths. Pixels are those of the model's input.
  package var unit: String {
    switch self {
    case .blur: "pixels (sigma)"
    case .noise: "levels (deviation)"
    case .darkness: "share of light lost"
    case .rotation: "degrees, either way"
    case .jpeg: "quality"
    }
  }

  /// The change of one image. The direction of a rotation and the noise are drawn from `stream`.
  func change(_ strength: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    switch self {
    case .blur:
      var blur = GaussianBlur()
      blur.sigma = strength
      return blur.change(1, &stream, shape)
    case .noise:
      var noise = Noise()
      noise.deviation = strength
      return noise.change(1, &stream, shape)
    case .darkness: return .tone(Tone(brightness: 1 - strength))
    case .rotation: return Rotate(degrees: strength).change(stream.flip(0.5) ? 1 : -1, &stream, shape)
    case .jpeg:
      var jpeg = JPEGArtefacts()
      jpeg.quality = strength
      return jpeg.change(1, &stream, shape)
    }
  }
}

/// How many images of a split a classifier answers rightly when they are disturbed.
package struct Robustness: Hashable, Sendable {
  /// The right answers for one disturbance at one strength.
  package struct Row: Hashable, Sendable {
    package let disturbance: Disturbance
    package let strength: Float
    package fileprivate(set) var correct = 0
  }

  package fileprivate(set) var images = 0
  /// The right answers without a disturbance.
  package fileprivate(set) var correct = 0
  package fileprivate(set) var rows = Disturbance.allCases.flatMap { disturbance in
    disturbance.strengths.map { Row(disturbance: disturbance, strength: $0) }
  }

  package func share(_ correct: Int) -> Double { images == 0 ? 0 : Double(correct) / Double(images) }
}

extension Classifier {
  /// Classifies every image of a split as it is and with every disturbance at every strength. Disturbances are applied
  /// after preprocessing. The same seed gives the same disturbances, on any number of threads.
  ///
  /// Cost: 21 evaluations, but the files are read once.
  package func robustness(
    _ dataset: Dataset, _ split: Split, threads: Int = 2, seed: UInt64 = 0
  ) throws -> Robustness {
    let (places, items) = (try places(of: dataset), dataset.items(split))
    let size = model.preprocessing
    let shape = PictureShape(width: size.width, height: size.height, channels: size.channels)
    let loader = BatchLoader(
      dataset: dataset, split: split, preprocessing: size, batchSize: batch, threads: threads,
      cache: PixelCache(.none))
    var result = Robustness()
    var spoiled = [UInt8](repeating: 0, count: batch * size.byteCount)
    loader.epoch(0) { images in
      let truths = (0..<images.count).map { places[Int(images.labels[$0])] }
      let names = (0..<images.count).map { items[images.items[$0]].identity }
      result.images += images.count
      result.correct += correct(images.images, truths)
      for index in result.rows.indices {
        let (disturbance, strength) = (result.rows[index].disturbance, result.rows[index].strength)
        spoiled.withUnsafeMutableBufferPointer { target in
          for (row, name) in names.enumerated() {
            var stream = RandomStream(seed: seed, name: "disturbance/\(disturbance.rawValue)/\(name)")
            var draw = Augmentation.Draw(shape)
            draw.add(disturbance.change(strength, &stream, shape))
            draw.write(
              images.images.baseAddress! + row * size.byteCount, to: target.baseAddress! + row * size.byteCount)
          }
          let valid = UnsafeBufferPointer(rebasing: UnsafeBufferPointer(target)[..<(names.count * size.byteCount)])
          result.rows[index].correct += correct(valid, truths)
        }
      }
    }
    guard result.images > 0 else { throw EvaluationSetupError.emptySplit(split, path: dataset.path) }
    return result
  }

  /// How many of the images are answered rightly.
  private func correct(_ images: UnsafeBufferPointer<UInt8>, _ truths: [Int]) -> Int {
    let (flat, count) = (probabilities(images), classes.count)
    return truths.indices.count { answer(flat[$0 * count..<($0 + 1) * count]) == truths[$0] }
  }
}
