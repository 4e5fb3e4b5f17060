import NunchiEngine
import NunchiEvaluation
import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiModelFiles
import NunchiTensors

/// A trained model, ready to answer: images to the probability of every class.
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

  public init(_ model: LoadedModel, pool: WorkerPool, batch: Int = 32) throws {
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

  /// The model in the file at `path`.
  public convenience init(path: String, pool: WorkerPool, batch: Int = 32) throws {
    try self.init(try ModelFile.read(path), pool: pool, batch: batch)
  }

  public var classes: [String] { model.classes }

  /// The class that these probabilities answer.
  public func answer(_ probabilities: some RandomAccessCollection<Float>) -> Int {
    model.decision.answer(probabilities)
  }

  /// The probabilities of each image, in the order of the classes, calibrated where the model says how.
  public func classify(_ images: [Image]) -> [[Float]] {
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
  public func probabilities(_ images: UnsafeBufferPointer<UInt8>) -> [Float] {
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
