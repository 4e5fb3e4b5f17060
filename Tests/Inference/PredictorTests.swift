import NunchiEngine
import NunchiGraph
import NunchiImages
import NunchiInference
import NunchiLayers
import NunchiModelFiles
import NunchiModels
import NunchiSystem
import NunchiTensors
import Synchronization
import Testing

/// Pictures of noise.
private func noise(_ count: Int, side: Int) -> [Image] {
  (0..<count).map { index in
    var stream = RandomStream(seed: 5, name: "noise", position: (UInt32(index), 0))
    return Image(
      width: side, height: side, channels: 3,
      bytes: (0..<side * side * 3).map { _ in UInt8(stream.integer(below: 256)) })
  }
}

private func network(_ preset: ModelPreset, size: Int, width: Double) throws -> LoadedModel {
  let model = try preset.make(classes: 3, channels: 3, size: size, width: width)
  return LoadedModel(
    model: model, weights: Weights(WeightsLayout(model.namedParameters()), seed: 5), classes: ["a", "b", "c"],
    preprocessing: Preprocessing(width: size, height: size, channels: 3, rule: .squash),
    normalization: Normalization(mean: [0.5, 0.5, 0.5], deviation: [0.3, 0.3, 0.3]))
}

@Suite(.serialized) struct PredictorTests {
  /// Rows of one caller that end up with another, a run that starts before a row is written, weights that are packed
  /// twice at once, a group that is given back while somebody still reads it. Large enough to share runs, and small
  /// enough for every caller to run by itself.
  @Test(arguments: ["shared runs", "runs of one's own"], [1, 2]) func manyCallersGetTheAnswersOfOne(
    kind: String, threads: Int
  ) throws {
    let model =
      kind == "shared runs"
      ? try network(.vgg6, size: 32, width: 0.25) : try network(.named("mlp"), size: 8, width: 0.5)
    let images = noise(16, side: model.preprocessing.width + 3)
    let classifier = try Classifier(model, pool: WorkerPool(threads: threads), batch: 4)
    let expected = images.map { classifier.probabilities(of: [$0])[0] }
    #expect(Set(expected).count == images.count, "the pictures are not told apart")
    let fresh = try Classifier(model, pool: WorkerPool(threads: threads), batch: 4)
    let wrong = Atomic<Int>(0)
    withThreads(8) { thread in
      for round in 0..<60 {
        let index = (thread * 7 + round) % images.count
        if round % 10 == 9 {
          let flat = fresh.classify([images[index], images[(index + 1) % images.count]])
          if flat.map(\.probabilities) != [expected[index], expected[(index + 1) % images.count]] {
            wrong.add(1, ordering: .relaxed)
          }
        } else if fresh.classify(images[index]).probabilities != expected[index] {
          wrong.add(1, ordering: .relaxed)
        }
      }
    }
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  /// A frame of a camera is answered like the picture that it shows.
  @Test func framesAreClassified() throws {
    let model = try network(.named("mlp"), size: 8, width: 0.5)
    let classifier = try Classifier(model, threads: 1)
    let image = noise(1, side: 9)[0]
    let swapped = stride(from: 0, to: image.bytes.count, by: 3).flatMap { Array(image.bytes[$0..<$0 + 3].reversed()) }
    let answer = swapped.withUnsafeBytes {
      classifier.classify(PixelBuffer($0.baseAddress!, width: 9, height: 9, format: .bgr))
    }
    #expect(answer == classifier.classify(image))
  }

  private func withThreads(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let threads = Threads(count, body)
    #expect(threads.count == count)
    threads.join()
  }
}
