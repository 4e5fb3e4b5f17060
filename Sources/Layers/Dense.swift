import NunchiGraph
import NunchiTensors

/// A fully connected layer: y = x·W + b, rows [n, inputs] to rows [n, outputs].
///
/// W is [inputs, outputs] and starts by He's rule, variance 2 / inputs: ReLU behind it halves the variance, and the
/// factor 2 keeps the scale through any number of layers. Take `.xavier` before a sigmoid, tanh or softmax. b starts at
/// zero, since W already tells the units apart.
public struct Dense: Layer {
  /// Features in.
  public let inputs: Int
  /// Features out.
  public let outputs: Int
  /// `[inputs, outputs]`
  public let weight: Parameter
  /// One number an output; nil: none.
  public let bias: Parameter?

  /// A layer with new parameters.
  public init(
    _ inputs: Int, _ outputs: Int, bias: Bool = true, initializer: Initializer = .he,
    biasInitializer: Initializer = .zeros
  ) {
    precondition(inputs > 0 && outputs > 0, "Dense(\(inputs) → \(outputs)) needs at least one input and one output")
    self.inputs = inputs
    self.outputs = outputs
    weight = Parameter(
      [inputs, outputs], role: .weight, layout: .dense, initializer: initializer, fanIn: inputs, fanOut: outputs)
    self.bias =
      bias ? Parameter([outputs], role: .bias, initializer: biasInitializer, fanIn: inputs, fanOut: outputs) : nil
  }

  public var parameters: [NamedParameter] { [("weight", weight)] + (bias.map { [("bias", $0)] } ?? []) }
  public var summary: String { "Dense(\(inputs) → \(outputs))" }

  public func forward(_ x: Value) -> Value {
    guard !x.isPoisoned else { return x }
    guard x.dataType == .float32 else { return reject(x, "expects floats, got \(x.dataType); normalize bytes first") }
    guard x.shape.rank == 2 else {
      let remedy = x.shape.rank == 4 ? "; put Flatten() before it" : ""
      return reject(x, "expects rows of \(inputs) features, got shape \(x.shape)\(remedy)")
    }
    guard x.shape[1] == inputs else {
      return reject(x, "expects \(inputs) input features, got \(x.shape[1]) (input shape \(x.shape))")
    }
    let product = multiply(x, x.tracer.parameter(weight))
    return bias.map { product + x.tracer.parameter($0) } ?? product
  }
}

extension Dense: RebuildableLayer {
  static let kind = "Dense"

  public var specification: LayerSpecification? {
    var options: [String: LayerSpecification.Option] = [
      "inputs": .integer(inputs), "outputs": .integer(outputs), "bias": .flag(bias != nil),
    ]
    options.describe(weight.initializer, as: "initializer")
    if let bias { options.describe(bias.initializer, as: "biasInitializer") }
    return LayerSpecification(Self.kind, options)
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    let inputs = try reader.integer("inputs", in: 1...LayerSpecification.largestExtent)
    let outputs = try reader.integer("outputs", in: 1...LayerSpecification.largestExtent)
    try reader.checkWeights([inputs, outputs])
    let bias = try reader.flag("bias", default: true)
    self.init(
      inputs, outputs, bias: bias, initializer: try reader.initializer("initializer", default: .he),
      biasInitializer: bias ? try reader.initializer("biasInitializer", default: .zeros) : .zeros)
  }
}
