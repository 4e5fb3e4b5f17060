import NunchiGraph
import NunchiTensors

/// A convolution of images [n, height, width, inputs] to [n, height′, width′, outputs], plus a bias per channel.
///
/// The weights are [kernel height, kernel width, inputs / groups, outputs]. They start by He's rule, variance
/// 2 / (kernel height · kernel width · inputs / groups): ReLU behind the layer halves the variance, and the factor 2
/// keeps the scale through any number of layers. Biases start at zero, since the weights already tell the channels
/// apart; before a batch norm leave the bias out, it would learn nothing.
public struct Conv2D: Layer {
  /// Channels in.
  public let inputs: Int
  /// Channels out.
  public let outputs: Int
  /// Height and width of the window.
  public let kernel: WindowSize
  /// Steps of the window, down and across.
  public let stride: WindowSize
  /// What is added round the image.
  public let padding: Padding
  /// The distance between neighbouring taps of the window.
  public let dilation: WindowSize
  /// Parts of the channels that do not meet.
  public let groups: Int
  /// The weights of the window.
  public let weight: Parameter
  /// One number an output channel; nil: none.
  public let bias: Parameter?

  /// A layer with new parameters.
  public init(
    _ inputs: Int, _ outputs: Int, kernel: WindowSize, stride: WindowSize = 1, padding: Padding = .valid,
    dilation: WindowSize = 1, groups: Int = 1, bias: Bool = true, initializer: Initializer = .he,
    biasInitializer: Initializer = .zeros
  ) {
    precondition(
      inputs > 0 && outputs > 0 && groups > 0 && inputs % groups == 0 && outputs % groups == 0,
      "Conv2D(\(inputs) → \(outputs)): both must be positive multiples of groups (\(groups))")
    precondition(
      kernel.isPositive && stride.isPositive && dilation.isPositive,
      "Conv2D(\(inputs) → \(outputs)): kernel, stride and dilation must be positive")
    (self.inputs, self.outputs, self.groups) = (inputs, outputs, groups)
    (self.kernel, self.stride, self.padding, self.dilation) = (kernel, stride, padding, dilation)
    let area = kernel.height * kernel.width
    let (fanIn, fanOut) = (area * (inputs / groups), area * (outputs / groups))
    weight = Parameter(
      [kernel.height, kernel.width, inputs / groups, outputs], role: .weight, layout: .convolution,
      initializer: initializer, fanIn: fanIn, fanOut: fanOut)
    self.bias =
      bias ? Parameter([outputs], role: .bias, initializer: biasInitializer, fanIn: fanIn, fanOut: fanOut) : nil
  }

  public var parameters: [NamedParameter] { [("weight", weight)] + (bias.map { [("bias", $0)] } ?? []) }

  public var summary: String {
    var text = "Conv2D(\(inputs) → \(outputs), kernel \(kernel)"
    if stride != 1 { text += ", stride \(stride)" }
    if let padding = padding.summary { text += ", padding \(padding)" }
    if dilation != 1 { text += ", dilation \(dilation)" }
    if groups != 1 { text += ", groups \(groups)" }
    return text + ")"
  }

  public func forward(_ x: Value) -> Value {
    guard !x.isPoisoned else { return x }
    guard x.dataType == .float32 else { return reject(x, "expects floats, got \(x.dataType); normalize bytes first") }
    guard x.shape.rank == 4 else {
      return reject(x, "expects images [n, height, width, channels], got shape \(x.shape)")
    }
    guard x.shape[3] == inputs else {
      return reject(x, "expects \(inputs) input channels, got \(x.shape[3]) (input shape \(x.shape))")
    }
    let y = convolve(
      x, x.tracer.parameter(weight), stride: stride.pair, padding: padding, dilation: dilation.pair, groups: groups)
    return bias.map { y + x.tracer.parameter($0) } ?? y
  }
}

extension Conv2D: RebuildableLayer {
  static let kind = "Conv2D"

  public var specification: LayerSpecification? {
    var options: [String: LayerSpecification.Option] = [
      "inputs": .integer(inputs), "outputs": .integer(outputs), "kernel": .size(kernel), "stride": .size(stride),
      "padding": .padding(padding), "dilation": .size(dilation), "groups": .integer(groups), "bias": .flag(bias != nil),
    ]
    options.describe(weight.initializer, as: "initializer")
    if let bias { options.describe(bias.initializer, as: "biasInitializer") }
    return LayerSpecification(Self.kind, options)
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    let inputs = try reader.integer("inputs", in: 1...LayerSpecification.largestExtent)
    let outputs = try reader.integer("outputs", in: 1...LayerSpecification.largestExtent)
    let kernel = try reader.size("kernel")
    let groups = try reader.integer("groups", in: 1...LayerSpecification.largestExtent, default: 1)
    guard inputs % groups == 0, outputs % groups == 0 else {
      throw reader.error("groups", "must divide \(inputs) inputs and \(outputs) outputs, got \(groups)")
    }
    try reader.checkWeights([kernel.height, kernel.width, inputs / groups, outputs])
    let bias = try reader.flag("bias", default: true)
    self.init(
      inputs, outputs, kernel: kernel, stride: try reader.size("stride", default: 1),
      padding: try reader.padding("padding"), dilation: try reader.size("dilation", default: 1), groups: groups,
      bias: bias, initializer: try reader.initializer("initializer", default: .he),
      biasInitializer: bias ? try reader.initializer("biasInitializer", default: .zeros) : .zeros)
  }
}

extension Padding {
  /// The padding in a word; nil for none.
  var summary: String? {
    switch self {
    case .valid, .symmetric(0): nil
    case .same: "same"
    case .symmetric(let pixels): "\(pixels)"
    case .explicit(let top, let bottom, let left, let right): "\(top),\(bottom),\(left),\(right)"
    }
  }
}
