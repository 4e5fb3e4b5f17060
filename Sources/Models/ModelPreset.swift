import NunchiGraph
import NunchiLayers
import NunchiSystem
import NunchiTensors

/// A network known by name. It takes images [n, size, size, channels] of floats and returns logits [n, classes].
public struct ModelPreset: Sendable {
  /// What a preset may be asked for.
  package struct Options: Sendable {
    package var classes: Int
    package var channels: Int
    /// Height and width of the images.
    package var size: Int
    /// Multiplies the channels of every hidden layer.
    package var width: Double
    /// The rate of every dropout; nil: the preset's own, which may be none.
    package var dropout: Float?

    /// `count` channels, scaled by the width.
    package func scaled(_ count: Int) -> Int { max(1, Int((Double(count) * width).rounded())) }
  }

  /// The name by which it is asked for.
  public let name: String
  /// The network in a line.
  public let summary: String
  /// The size of images and the number of channels and classes that it was made for.
  public let size: Int
  /// Channels of the images that it was made for.
  public let channels: Int
  /// Classes that it was made for.
  public let classes: Int
  /// The smallest sensible instance, for gradient checks.
  package let smallSize: Int
  package let smallWidth: Double
  private let build: @Sendable (Options) throws -> Sequential

  init(
    _ name: String, _ summary: String, size: Int, channels: Int, classes: Int, small: (size: Int, width: Double),
    build: @escaping @Sendable (Options) throws -> Sequential
  ) {
    (self.name, self.summary) = (name, summary)
    (self.size, self.channels, self.classes) = (size, channels, classes)
    (smallSize, smallWidth) = small
    self.build = build
  }

  /// A new network; values come with `Weights`.
  ///
  /// - Parameters:
  ///   - channels: of the images; nil: what the preset was made for.
  ///   - size: of the images; nil: what the preset was made for.
  ///   - width: multiplies the channels of every hidden layer.
  ///   - dropout: the rate of every dropout; nil: the preset's own, 0: none.
  public func make(
    classes: Int, channels: Int? = nil, size: Int? = nil, width: Double = 1, dropout: Float? = nil
  ) throws(ModelPresetError) -> Sequential {
    let options = Options(
      classes: classes, channels: channels ?? self.channels, size: size ?? self.size, width: width, dropout: dropout)
    func require(_ condition: Bool, _ message: String) throws(ModelPresetError) {
      guard condition else { throw ModelPresetError("\(name): \(message)") }
    }
    try require((1...1_000_000).contains(classes), "classes must lie in 1...1000000, got \(classes)")
    try require((1...4096).contains(options.channels), "channels must lie in 1...4096, got \(options.channels)")
    try require((1...16384).contains(options.size), "the size of images must lie in 1...16384, got \(options.size)")
    try require(width > 0 && width <= 64, "width must lie above 0 and up to 64, got \(width)")
    try require(dropout.map { (0..<1).contains($0) } ?? true, "dropout must lie in 0..<1, got \(dropout ?? 0)")
    do {
      let model = try build(options)
      // Whatever does not fit shows here, not in the first step of a training.
      _ = try outputShape(of: model, [1, options.size, options.size, options.channels])
      return model
    } catch {
      throw ModelPresetError(
        "\(name) does not fit images of \(options.size)x\(options.size) with \(options.channels) channel(s): "
          + ((error as? TraceError)?.message ?? "\(error)"))
    }
  }

  /// A tiny instance and the shape of a batch for it: the same layers, few channels.
  package func miniature() throws(ModelPresetError) -> (model: Sequential, input: Shape, classes: Int) {
    let model = try make(classes: 3, size: smallSize, width: smallWidth)
    return (model, [4, smallSize, smallSize, channels], 3)
  }

  /// Every preset.
  public static let all: [ModelPreset] = [.vgg6, .mlp, .simpleCNN, .deepCNN, .resnet20, .resnet18, .alexnet]

  /// The preset called `name`; throws an error that lists the nearest names.
  public static func named(_ name: String) throws(ModelPresetError) -> ModelPreset {
    if let preset = all.first(where: { $0.name == name }) { return preset }
    let ranked = all.map { (name: $0.name, distance: editDistance($0.name, name.lowercased())) }
      .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
    let near = ranked.filter { $0.distance <= max(2, name.count / 2) }.prefix(3)
    let hint =
      near.isEmpty
      ? "there are \(all.map(\.name).joined(separator: ", "))"
      : "did you mean \(near.map(\.name).joined(separator: ", "))?"
    throw ModelPresetError("no model is called \"\(name)\"; \(hint)")
  }
}

/// A preset does not exist or cannot be made as asked.
public struct ModelPresetError: Error, Hashable, CustomStringConvertible {
  /// What does not fit, in a sentence.
  public let message: String
  init(_ message: String) { self.message = message }
  public var description: String { message }
}

/// The shape that `layer` gives for one batch of shape `input`.
package func outputShape(of layer: some Layer, _ input: Shape) throws(TraceError) -> Shape {
  let tracer = Tracer(mode: .inference)
  let y = layer(tracer.input("images", input))
  _ = try tracer.finish()
  return y.shape
}
