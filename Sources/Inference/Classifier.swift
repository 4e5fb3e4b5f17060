import NunchiEngine
import NunchiEvaluation
import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiModelFiles
import NunchiTensors

/// A trained model, ready to answer: which class is on a picture, and how probable each class is.
///
///     let classifier = try Classifier("model.safetensors")
///     let prediction = try classifier.classify(file: "photo.jpg")
///     print(prediction.label, prediction.probability)
///
/// Any number of threads may ask at once: they share one plan and one set of packed weights, and those who ask for single
/// pictures while others are served share a run. An answer never depends on the images beside it, nor on who asks, nor on
/// the number of threads.
public final class Classifier: Sendable {
  /// The network, its weights and how a picture is prepared for it.
  public let model: LoadedModel
  /// The most images that run at once.
  public var batch: Int { predictor.batch }
  private let predictor: Predictor
  /// What the probabilities are calibrated by; nil where they are as the network gives them.
  private let temperature: Temperature?

  /// - Parameters:
  ///   - threads: that share the work of an answer; nil: all cores that the process may use.
  ///   - batch: the most images that run at once; the memory taken grows with it.
  public convenience init(_ model: LoadedModel, threads: Int? = nil, batch: Int = 32) throws {
    try self.init(model, pool: threads.map { WorkerPool(threads: $0) } ?? .shared, batch: batch)
  }

  /// The model in the file at `path`.
  public convenience init(_ path: String, threads: Int? = nil, batch: Int = 32) throws {
    try self.init(try ModelFile.read(path), threads: threads, batch: batch)
  }

  package init(_ model: LoadedModel, pool: WorkerPool, batch: Int = 32) throws {
    self.model = model
    predictor = try Predictor(model, pool: pool, batch: batch)
    temperature = model.decision.temperature == 1 ? nil : Temperature(model.decision.temperature)
  }

  /// The names of the classes, in the order of the model's outputs.
  public var classes: [String] { model.classes }

  /// What is on a picture.
  public func classify(_ image: Image) -> Prediction {
    let probabilities = calibrated(predictor.outputs { model.preprocessing.write(image, to: $0) }[...])
    return Prediction(classes: classes, probabilities: probabilities, answer: answer(probabilities))
  }

  /// What is on a frame in memory, such as a camera's.
  public func classify(_ pixels: PixelBuffer) -> Prediction { classify(pixels.image()) }

  /// What is on each of these pictures, in their order; faster than one after the other.
  public func classify(_ images: [Image]) -> [Prediction] {
    probabilities(of: images).map { Prediction(classes: classes, probabilities: $0, answer: answer($0)) }
  }

  /// What is on the picture in a file. Throws where it cannot be read.
  public func classify(file path: String) throws(ImageError) -> Prediction {
    classify(try ImageDecoder().decode(path: path, for: model.preprocessing))
  }

  /// The class that these probabilities answer.
  package func answer(_ probabilities: some RandomAccessCollection<Float>) -> Int {
    model.decision.answer(probabilities)
  }

  /// The probabilities of each image, in the order of the classes, calibrated where the model says how.
  package func probabilities(of images: [Image]) -> [[Float]] {
    let size = model.preprocessing.byteCount
    var answers: [[Float]] = []
    answers.reserveCapacity(images.count)
    for start in stride(from: 0, to: images.count, by: batch) {
      let part = images[start..<min(start + batch, images.count)]
      ScratchMemory.with(byteCount: part.count * size) { pixels in
        for (row, image) in part.enumerated() { model.preprocessing.write(image, to: pixels + row * size) }
        let flat = predictor.outputs(pixels, count: part.count)
        for row in 0..<part.count { answers.append(calibrated(flat[row * classes.count..<(row + 1) * classes.count])) }
      }
    }
    return answers
  }

  /// The probabilities of images that went through the model's preprocessing already, `[count, height, width, channels]`;
  /// flat, `[count, classes]`.
  package func probabilities(_ images: UnsafeBufferPointer<UInt8>) -> [Float] {
    let size = model.preprocessing.byteCount
    precondition(images.count.isMultiple(of: size), "\(images.count) bytes are no images of \(size) bytes each")
    let count = images.count / size
    guard count > 0 else { return [] }
    let answers = predictor.outputs(images.baseAddress!, count: count)
    guard temperature != nil else { return answers }
    return (0..<count).flatMap { calibrated(answers[$0 * classes.count..<($0 + 1) * classes.count]) }
  }

  /// The probabilities that the network gives, sharpened or softened as the model says.
  private func calibrated(_ probabilities: ArraySlice<Float>) -> [Float] {
    temperature.map { $0.apply(probabilities) } ?? Array(probabilities)
  }
}
