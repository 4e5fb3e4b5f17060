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
/// One plan for up to `batch` images at a time; what is left over runs on the same plan. An answer never depends on the
/// images beside it, nor on the number of threads. Not for two threads at once: give each its own, they share the model.
public final class Classifier {
  public let model: LoadedModel
  /// The most images that run at once.
  public let batch: Int
  private let workspace: Workspace
  private let pixels: AlignedMemory
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
    precondition(batch > 0, "a batch has at least one image, got \(batch)")
    self.model = model
    self.batch = batch
    let graph = try trace(.inference) { tracer in
      let images = tracer.input("images", model.inputShape(batch: batch), .uint8)
      tracer.output("probabilities", softmax(model.model(model.normalization(images))))
    }
    workspace = Workspace(Plan(graph, layout: model.weights.layout), pool: pool)
    pixels = AlignedMemory(byteCount: batch * model.preprocessing.byteCount)
    temperature = model.decision.temperature == 1 ? nil : Temperature(model.decision.temperature)
  }

  /// The names of the classes, in the order of the model's outputs.
  public var classes: [String] { model.classes }

  /// What is on a picture.
  public func classify(_ image: Image) -> Prediction { classify([image])[0] }

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
    let target = pixels.base.assumingMemoryBound(to: UInt8.self)
    var answers: [[Float]] = []
    answers.reserveCapacity(images.count)
    for start in stride(from: 0, to: images.count, by: batch) {
      let part = images[start..<min(start + batch, images.count)]
      for (row, image) in part.enumerated() { model.preprocessing.write(image, to: target + row * size) }
      let flat = run(UnsafePointer(target), rows: part.count)
      for row in 0..<part.count { answers.append(Array(flat[row * classes.count..<(row + 1) * classes.count])) }
    }
    return answers
  }

  /// The probabilities of images that went through the model's preprocessing already, `[count, height, width, channels]`;
  /// flat, `[count, classes]`.
  package func probabilities(_ images: UnsafeBufferPointer<UInt8>) -> [Float] {
    let size = model.preprocessing.byteCount
    precondition(images.count.isMultiple(of: size), "\(images.count) bytes are no images of \(size) bytes each")
    let count = images.count / size
    var answers: [Float] = []
    answers.reserveCapacity(count * classes.count)
    for start in stride(from: 0, to: count, by: batch) {
      answers += run(images.baseAddress! + start * size, rows: min(batch, count - start))
    }
    return answers
  }

  private func run(_ images: UnsafePointer<UInt8>, rows: Int) -> [Float] {
    workspace.bind("images", images)
    workspace.run(reading: model.weights, rows: rows)
    let answers = workspace.output("probabilities").floats
    guard let temperature else { return answers }
    let count = classes.count
    return (0..<rows).flatMap { temperature.apply(answers[$0 * count..<($0 + 1) * count]) }
  }
}
