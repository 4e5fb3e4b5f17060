import NunchiGraph
import NunchiTensors

/// A transposed convolution of images [n, height, width, inputs] to [n, height′, width′, outputs], plus a bias per channel:
/// height′ = (height − 1) · stride + (kernel − 1) · dilation + 1 − padding + output padding.
///
/// The weights are [kernel height, kernel width, outputs / groups, inputs]. They start by He's rule with the inputs that
/// meet in one result, kernel height · kernel width · inputs / groups / stride². Before a batch norm leave the bias out.
public struct ConvTranspose2D: Layer {
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
  /// Rows and columns behind the last ones that the window reaches; fewer than the stride.
  public let outputPadding: (height: Int, width: Int)
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
    outputPadding: (height: Int, width: Int) = (0, 0), dilation: WindowSize = 1, groups: Int = 1, bias: Bool = true,
    initializer: Initializer = .he, biasInitializer: Initializer = .zeros
  ) {
    precondition(
      inputs > 0 && outputs > 0 && groups > 0 && inputs % groups == 0 && outputs % groups == 0,
      "ConvTranspose2D(\(inputs) → \(outputs)): both must be positive multiples of groups (\(groups))")
    precondition(
      kernel.isPositive && stride.isPositive && dilation.isPositive,
      "ConvTranspose2D(\(inputs) → \(outputs)): kernel, stride and dilation must be positive")
    (self.inputs, self.outputs, self.groups) = (inputs, outputs, groups)
    (self.kernel, self.stride, self.padding, self.dilation) = (kernel, stride, padding, dilation)
    self.outputPadding = outputPadding
    let area = kernel.height * kernel.width
    let fanIn = max(1, area * (inputs / groups) / (stride.height * stride.width))
    let fanOut = area * (outputs / groups)
    weight = Parameter(
      [kernel.height, kernel.width, outputs / groups, inputs], role: .weight, layout: .convolution,
      initializer: initializer, fanIn: fanIn, fanOut: fanOut)
    self.bias =
      bias ? Parameter([outputs], role: .bias, initializer: biasInitializer, fanIn: fanIn, fanOut: fanOut) : nil
  }

  public var parameters: [NamedParameter] { [("weight", weight)] + (bias.map { [("bias", $0)] } ?? []) }

  public var summary: String {
    var text = "ConvTranspose2D(\(inputs) → \(outputs), kernel \(kernel)"
    if stride != 1 { text += ", stride \(stride)" }
    if let padding = padding.summary { text += ", padding \(padding)" }
    if outputPadding != (0, 0) { text += ", output padding \(outputPadding.height)x\(outputPadding.width)" }
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
    let y = convolveTransposed(
      x, x.tracer.parameter(weight), stride: stride.pair, padding: padding, outputPadding: outputPadding,
      dilation: dilation.pair, groups: groups)
    return bias.map { y + x.tracer.parameter($0) } ?? y
  }
}

extension ConvTranspose2D: RebuildableLayer {
  static let kind = "ConvTranspose2D"

  public var specification: LayerSpecification? {
    var options: [String: LayerSpecification.Option] = [
      "inputs": .integer(inputs), "outputs": .integer(outputs), "kernel": .size(kernel), "stride": .size(stride),
      "padding": .padding(padding),
      "outputPadding": .numbers([Double(outputPadding.height), Double(outputPadding.width)]),
      "dilation": .size(dilation), "groups": .integer(groups), "bias": .flag(bias != nil),
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
    try reader.checkWeights([kernel.height, kernel.width, outputs / groups, inputs])
    let stride = try reader.size("stride", default: 1)
    let outputPadding = try reader.extents("outputPadding", 2...2, in: 0...65536, default: [0, 0])
    guard outputPadding[0] < stride.height, outputPadding[1] < stride.width else {
      throw reader.error("outputPadding", "must be less than the stride \(stride), got \(outputPadding)")
    }
    let bias = try reader.flag("bias", default: true)
    self.init(
      inputs, outputs, kernel: kernel, stride: stride, padding: try reader.padding("padding"),
      outputPadding: (outputPadding[0], outputPadding[1]), dilation: try reader.size("dilation", default: 1),
      groups: groups, bias: bias, initializer: try reader.initializer("initializer", default: .he),
      biasInitializer: bias ? try reader.initializer("biasInitializer", default: .zeros) : .zeros)
  }
}
