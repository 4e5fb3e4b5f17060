import NunchiGraph
import NunchiLayers
import NunchiTensors

extension GradientCheck {
  /// Checks the gradients of `model` trained with cross-entropy on random images of shape `input`.
  ///
  /// - Parameters:
  ///   - classes: the width of the logits.
  public func run(_ name: String, model: some Layer, input: Shape, classes: Int) throws -> Row {
    let named = model.namedParameters()
    let weights = Weights(WeightsLayout(named), seed: seed)
    var stream = RandomStream(seed: seed, name: "gradient-check/images")
    let images = (0..<input.count).map { _ in Double(stream.uniform(-1...1)) }
    let targets = (0..<input[0]).map { _ in Int32(stream.integer(below: classes)) }
    var values: [Parameter: ReferenceArray<Double>] = weights.reference()
    // Biases of zero would put units that see only the border exactly on ReLU's kink.
    for (_, parameter) in named where parameter.role != .statistic {
      for index in 0..<parameter.shape.count {
        values[parameter]!.values[index] += Double(stream.uniform(-0.05...0.05))
      }
    }
    let executor = ReferenceExecutor<Double>(
      inputs: ["images": ReferenceArray(input, images)], parameters: values,
      context: RunState(seed: seed))
    return try run(
      name, .model, parameters: named.filter { $0.parameter.role != .statistic }, executor: executor
    ) { tracer in
      let logits = model(tracer.input("images", input))
      return Loss.crossEntropy(logits, tracer.constant(Tensor([input[0]], integers: targets)))
    }
  }
}

extension ModelPreset {
  /// Checks the gradients of the preset's miniature.
  public func checkGradients(
    _ check: GradientCheck = GradientCheck(samplesPerParameter: 4)
  ) throws -> GradientCheck.Row {
    let (model, input, classes) = try miniature()
    return try check.run(name, model: model, input: input, classes: classes)
  }
}
