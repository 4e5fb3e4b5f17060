import NunchiEngine
import NunchiEvaluation
import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiModelFiles
import NunchiTensors

/// A trained model that classifies images: it tells the class of an image and the probability of each class.
///
///     let classifier = try Classifier("model.safetensors")
///     let prediction = try classifier.classify(file: "photo.jpg")
///     print(prediction.label, prediction.probability)
///
/// Any number of threads may call it at once. They share one plan and one set of packed weights, and calls for single
/// images that arrive together are run as one batch. An answer never depends on the other images or on the number of
/// threads.
public final class Classifier: Sendable {
  /// The network, its weights and its preprocessing.
  public let model: LoadedModel
  /// The most images in one run.
  public var batch: Int { predictor.batch }
  private let predictor: Predictor
  /// The temperature of the model's decision; nil for 1, which changes nothing.
  private let temperature: Temperature?

  /// A classifier of a model in memory.
  ///
  /// - Parameters:
  ///   - threads: the threads that share the work of an answer; nil for all cores that the process may use.
  ///   - batch: the most images in one run. The memory grows with it.
  public convenience init(_ model: LoadedModel, threads: Int? = nil, batch: Int = 32) throws {
    try self.init(model, pool: threads.map { WorkerPool(threads: $0) } ?? .shared, batch: batch)
  }

  /// A classifier of the model in the file at `path`.
  ///
  /// - Parameters:
  ///   - threads: the threads that share the work of an answer; nil for all cores that the process may use.
  ///   - batch: the most images in one run. The memory grows with it.
  public convenience init(_ path: String, threads: Int? = nil, batch: Int = 32) throws {
    try self.init(try ModelFile.read(path), threads: threads, batch: batch)
  }

  package init(_ model: LoadedModel, pool: WorkerPool, batch: Int = 32) throws {
    self.model = model
    predictor = try Predictor(model, pool: pool, batch: batch)
    temperature = model.decision.temperature == 1 ? nil : Temperature(model.decision.temperature)
  }

  /// The names of the classes, in the order of the probabilities.
  public var classes: [String] { model.classes }

  /// Classifies an image.
  public func classify(_ image: Image) -> Prediction {
    let probabilities = calibrated(predictor.outputs { model.preprocessing.write(image, to: $0) }[...])
    return Prediction(classes: classes, probabilities: probabilities, answer: answer(probabilities))
  }

  /// Classifies pixels in memory, such as a frame of a camera.
  public func classify(_ pixels: PixelBuffer) -> Prediction { classify(pixels.image()) }

  /// Classifies several images and returns their predictions in order. It is faster than one call per image.
  public func classify(_ images: [Image]) -> [Prediction] {
    probabilities(of: images).map { Prediction(classes: classes, probabilities: $0, answer: answer($0)) }
  }

  /// Classifies the image in a file. Throws where the file cannot be read.
  public func classify(file path: String) throws(ImageError) -> Prediction {
    classify(try ImageDecoder().decode(path: path, for: model.preprocessing))
  }

  /// The class that the model's decision answers for these probabilities.
  package func answer(_ probabilities: some RandomAccessCollection<Float>) -> Int {
    model.decision.answer(probabilities)
  }

  /// The probabilities of each image, in the order of the classes, at the model's temperature.
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

  /// The probabilities `[count, classes]` of preprocessed images `[count, height, width, channels]`.
  package func probabilities(_ images: UnsafeBufferPointer<UInt8>) -> [Float] {
    let size = model.preprocessing.byteCount
    precondition(images.count.isMultiple(of: size), "\(images.count) bytes are no images of \(size) bytes each")
    let count = images.count / size
    guard count > 0 else { return [] }
    let answers = predictor.outputs(images.baseAddress!, count: count)
    guard temperature != nil else { return answers }
    return (0..<count).flatMap { calibrated(answers[$0 * classes.count..<($0 + 1) * classes.count]) }
  }

  /// Probabilities at the model's temperature, from those at temperature 1.
  private func calibrated(_ probabilities: ArraySlice<Float>) -> [Float] {
    temperature.map { $0.apply(probabilities) } ?? Array(probabilities)
  }
}
