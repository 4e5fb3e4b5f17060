import NunchiGraph
import NunchiLayers
import NunchiTensors
import NunchiTestSupport

/// The graph of one recorded operation: its results and, through Σ y·dy, the gradients of its learned inputs.
struct TracedOperation {
  let graph: Graph
  /// The learned inputs by name; the gradient of `x` is recorded as `dx`.
  let learned: [String: Parameter]
  let parameters: [Parameter: String]
  /// What each recorded result is called in the graph.
  let results: [String: ValueID]

  private typealias Attributes = Fixture.Attributes

  init(_ recorded: Fixture.Case, in fixture: Fixture) throws {
    let attributes = recorded.attributes
    let operation = try attributes.text("operation")
    let names = try attributes.list("inputs")
    let tracer = Tracer(mode: operation == "batchNormalizationInference" ? .inference : .training)
    var learned: [String: Parameter] = [:]
    var statistics: [String: Parameter] = [:]
    var values: [String: Value] = [:]
    for (name, entry) in fixture.tensors(under: recorded.name) where entry.attributes["length"] == nil {
      let shape = entry.array.shape
      if names.contains(name) {
        learned[name] = Parameter(shape, role: .weight, initializer: .zeros)
        values[name] = tracer.parameter(learned[name]!)
      } else if operation.hasPrefix("batchNormalization"), name != "dy" {
        statistics[name] = Parameter(shape, role: .statistic, initializer: .zeros)
      } else {
        values[name] = tracer.input(name, shape, entry.type == .int32 ? .int32 : .float32, batched: false)
      }
    }
    var results: [String: ValueID] = [:]
    let parameters = learned.merging(statistics) { $1 }
    let y = try Self.record(operation, names, values, parameters, attributes, tracer, &results)
    results["y"] = y.id
    tracer.output("y", y)
    if !learned.isEmpty {
      let weighted = y * values["dy"]!
      try tracer.differentiate(weighted.sum(axes: Array(0..<y.shape.rank)), for: Array(learned.values))
    }
    graph = try tracer.finish()
    self.learned = learned
    self.parameters = Dictionary(uniqueKeysWithValues: parameters.map { ($1, $0) })
    self.results = results
  }

  private static func record(
    _ operation: String, _ names: [String], _ values: [String: Value], _ parameters: [String: Parameter],
    _ attributes: Attributes, _ tracer: Tracer, _ results: inout [String: ValueID]
  ) throws -> Value {
    func value(_ name: String) throws -> Value {
      guard let value = values[name] else { throw Fixture.ReadError("\(operation) lacks \(name)") }
      return value
    }
    switch operation {
    case "convolution":
      let (stride, dilation) = try (pair(attributes, "stride"), pair(attributes, "dilation"))
      return try convolve(
        value("x"), value("k"), stride: stride, padding: padding(attributes), dilation: dilation,
        groups: attributes.integer("groups"))
    case "matrixProduct":
      return try multiply(
        value("a"), value("b"), transposingLeft: attributes.flag("left"), transposingRight: attributes.flag("right"))
    case "pool": return try pool(value("x"), attributes, &results)
    case "batchNormalization", "batchNormalizationInference":
      return try normalized(value("x"), parameters, attributes, &results)
    case "normalize":
      return try normalize(value("x"), scale: attributes.floats("scale"), shift: attributes.floats("shift"))
    case "map": return try map(value("x"), attributes)
    case "binary":
      let kind = try attributes.text("kind") == "logisticLoss" ? "logistic-loss" : attributes.text("kind")
      guard let kind = Binary.Kind(rawValue: kind) else { throw unknown("binary \(kind)") }
      return try tracer.add(.binary(Binary(kind)), [value("a"), value("b")])[0]
    case "reduce":
      guard let kind = try Reduce.Kind(rawValue: attributes.text("kind")) else { throw unknown("reduction") }
      return try tracer.add(.reduce(Reduce(kind, axes: attributes.integers("axes"))), [value("x")])[0]
    case "broadcast":
      let rule = try Broadcast(to: Shape(attributes.integers("shape")), batched: false)
      return try tracer.add(.broadcast(rule), [value("x")])[0]
    case "batchMean": return try value("x").batchMean()
    case "softmax": return try attributes.flag("logarithmic") ? logSoftmax(value("x")) : softmax(value("x"))
    case "crossEntropy": return try crossEntropy(value("x"), value("targets"), attributes, &results)
    case "meanSquaredError": return try Loss.mse(value("x"), value("targets"))
    case "crossEntropyPixels":
      return try NunchiLayers.crossEntropy(
        value("x"), value("targets"), ignoring: attributes.integer("ignoring"),
        smoothing: attributes.float("smoothing"), weights: attributes.floats("weights"))
    case "smoothL1":
      return try smoothL1(value("x"), value("targets"), beta: attributes.float("beta"), weights: values["weights"])
    case "weightedLogisticLoss":
      return try binaryCrossEntropy(value("x"), value("targets"), weights: value("weights"))
    case "transposedConvolution":
      let (stride, dilation) = try (pair(attributes, "stride"), pair(attributes, "dilation"))
      return try convolveTransposed(
        value("x"), value("k"), stride: stride, padding: padding(attributes),
        outputPadding: pair(attributes, "outputPadding"), dilation: dilation, groups: attributes.integer("groups"))
    case "resize":
      let size = try pair(attributes, "size")
      guard let resizing = try Resizing(rawValue: attributes.text("kind")),
        let alignment = try ResizeAlignment(rawValue: attributes.text("alignment"))
      else { throw unknown("resize") }
      return try resize(value("x"), height: size.0, width: size.1, resizing, alignment)
    case "gather": return try value("x").gathered(axis: attributes.integer("axis"), attributes.integers("indices"))
    case "sortRows":
      let rule = try SortRows(kept: attributes.integer("kept"), descending: attributes.flag("descending"))
      let sorted = try tracer.add(.sortRows(rule), [value("x")])
      results["chosen"] = sorted[1].id
      return sorted[0]
    case "groupNormalization":
      return try groupNormalize(
        value("x"), groups: attributes.integer("groups"), scale: parameters["scale"], shift: parameters["shift"],
        epsilon: attributes.float("epsilon"))
    case "layerNormalization":
      return try layerNormalize(
        value("x"), axes: attributes.integer("axes"), scale: parameters["scale"], shift: parameters["shift"],
        epsilon: attributes.float("epsilon"))
    case "localResponse":
      return try localResponseNormalize(
        value("x"), size: attributes.integer("size"), alpha: attributes.float("alpha"), beta: attributes.float("beta"),
        bias: attributes.float("bias"))
    case "notEqual": return try notEqual(value("indices"), attributes.integer("value"))
    case "logisticLoss": return try Loss.binaryCrossEntropy(value("x"), value("targets"))
    case "concatenate": return try concatenate(names.map(value), axis: attributes.integer("axis"))
    case "slice":
      return try value("x").sliced(
        axis: attributes.integer("axis"), from: attributes.integer("start"), count: attributes.integer("count"))
    case "pad":
      return try value("x").padded(
        before: attributes.integers("before"), after: attributes.integers("after"), value: attributes.float("value"))
    case "reshape": return try value("x").reshaped(to: Shape(attributes.integers("shape")))
    case "transpose": return try value("x").transposed(attributes.integers("order"))
    case "oneHot": return try oneHot(value("indices"), classes: attributes.integer("classes"))
    case "stopGradient": return try stopGradient(value("a")) * value("b")
    default: throw unknown(operation)
    }
  }

  private static func unknown(_ what: String) -> Fixture.ReadError {
    Fixture.ReadError("no test builds \(what)")
  }

  private static func pair(_ attributes: Attributes, _ key: String) throws -> (Int, Int) {
    let numbers = try attributes.integers(key)
    return (numbers[0], numbers[1])
  }

  private static func padding(_ attributes: Attributes) throws -> Padding {
    switch try attributes.text("padding") {
    case "valid": return .valid
    case "same": return .same
    default:
      let sides = try attributes.integers("padding")
      return .explicit(top: sides[0], bottom: sides[1], left: sides[2], right: sides[3])
    }
  }

  private static func pool(_ x: Value, _ attributes: Attributes, _ results: inout [String: ValueID]) throws -> Value {
    let (kernel, stride) = try (pair(attributes, "kernel"), pair(attributes, "stride"))
    let (padding, ceil) = try (padding(attributes), attributes.flag("ceil"))
    switch try attributes.text("kind") {
    case "average":
      return try averagePool(
        x, kernel: kernel, stride: stride, padding: padding, ceil: ceil, countsPadding: attributes.flag("counts"))
    case let kind:
      let extreme = kind == "maximum" ? maxPool : minPool
      let y = extreme(x, kernel, stride, padding, ceil)
      results["chosen"] = x.tracer.graph.producer(y.id)?.outputs[1]
      return y
    }
  }

  private static func normalized(
    _ x: Value, _ parameters: [String: Parameter], _ attributes: Attributes, _ results: inout [String: ValueID]
  ) throws -> Value {
    let y = try batchNormalize(
      x, scale: parameters["scale"]!, shift: parameters["shift"]!, mean: parameters["mean"]!,
      variance: parameters["variance"]!, epsilon: attributes.float("epsilon"), momentum: attributes.float("momentum"))
    for assignment in x.tracer.graph.assignments {
      results[assignment.parameter == parameters["mean"] ? "newMean" : "newVariance"] = assignment.value
    }
    return y
  }

  private static func map(_ x: Value, _ attributes: Attributes) throws -> Value {
    func constant() throws -> Float { try attributes.float("constant") }
    switch try attributes.text("kind") {
    case "step": return step(x)
    case "sigmoid": return sigmoid(x)
    case "tanh": return tanh(x)
    case "relu": return relu(x)
    case "leakyReLU": return try leakyReLU(x, slope: constant())
    case "elu": return try elu(x, alpha: constant())
    case "exponential": return exp(x)
    case "logarithm": return log(x)
    case "power": return try power(x, constant())
    case "clip": return try clip(x, constant()...attributes.float("high"))
    case "hardSigmoid": return hardSigmoid(x)
    case "hardSwish": return hardSwish(x)
    case "silu": return silu(x)
    case "mish": return mish(x)
    case "gelu": return gelu(x)
    case "geluTanh": return gelu(x, approximate: true)
    case "smoothAbsolute": return try smoothAbsolute(x, beta: constant())
    case "affine": return try x.scaled(by: constant(), plus: attributes.float("offset"))
    case let kind: throw unknown("function \(kind)")
    }
  }

  private static func crossEntropy(
    _ x: Value, _ targets: Value, _ attributes: Attributes, _ results: inout [String: ValueID]
  ) throws -> Value {
    let weights = try attributes.floats("weights")
    let (rows, probabilities) = try crossEntropyRows(
      x, targets, smoothing: attributes.float("smoothing"), weights: weights.isEmpty ? nil : weights)
    results["rows"] = rows.id
    results["probabilities"] = probabilities.id
    return rows.batchMean()
  }
}
