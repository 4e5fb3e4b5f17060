import NunchiTensors

/// One operation with given constants and shapes, whose gradients are checked. Its arguments are parameters, so that
/// the gradient of each is checked; its results are summed with random weights into the loss.
package struct OperationCase: Sendable {
  /// Drawn uniformly from a range; what is not checked enters as a constant.
  package struct Argument: Sendable {
    let shape: Shape
    let range: ClosedRange<Double>
    let isChecked: Bool

    package init(_ shape: Shape, _ range: ClosedRange<Double> = -1.5...1.5, isChecked: Bool = true) {
      self.shape = shape
      self.range = range
      self.isChecked = isChecked
    }
  }

  /// Such as `convolution 3x3, stride 2`.
  package let name: String
  package let mode: Mode
  let arguments: [Argument]
  let body: @Sendable ([Value]) -> Value

  package init(
    _ name: String, _ arguments: [Argument], mode: Mode = .training, _ body: @escaping @Sendable ([Value]) -> Value
  ) {
    (self.name, self.arguments, self.mode, self.body) = (name, arguments, mode, body)
  }

  package init(_ name: String, _ shapes: Shape..., body: @escaping @Sendable ([Value]) -> Value) {
    self.init(name, shapes.map { Argument($0) }, body)
  }

  /// The gradients against central differences.
  package func check(_ check: GradientCheck = GradientCheck()) throws -> GradientCheck.Row {
    var values: [Parameter: ReferenceArray<Double>] = [:]
    var checked: [(name: String, parameter: Parameter)] = []
    let parameters = arguments.enumerated().map { position, argument in
      let parameter = Parameter(argument.shape, role: .weight, initializer: .zeros)
      values[parameter] = random(argument.shape, argument.range, "argument \(position)", check.seed)
      if argument.isChecked { checked.append(("argument \(position)", parameter)) }
      return parameter
    }
    let executor = ReferenceExecutor<Double>(
      inputs: [:], parameters: values, context: RunState(seed: check.seed))
    return try check.run(name, .operation, parameters: checked, executor: executor, mode: mode) { tracer in
      let result = tracer.within(name, at: nil) { body(parameters.map(tracer.parameter)) }
      guard !result.isPoisoned else { return result }
      return weightedSum(result, check.seed)
    }
  }

  /// The operations that the case records.
  package func operations() throws -> [Operation] {
    try trace(mode) { tracer in
      _ = body(arguments.map { tracer.parameter(Parameter($0.shape, role: .weight, initializer: .zeros)) })
    }.nodes.map(\.operation)
  }

  private func weightedSum(_ result: Value, _ seed: UInt64) -> Value {
    let weights: ReferenceArray<Double> = random(result.shape, 0.5...1.5, "weights", seed)
    let constant = result.tracer.constant(Tensor(result.shape, weights.values.map { Float($0) }))
    return (result * constant).sum(axes: Array(0..<result.shape.rank))
  }

  private func random(
    _ shape: Shape, _ range: ClosedRange<Double>, _ purpose: String, _ seed: UInt64
  ) -> ReferenceArray<Double> {
    var stream = RandomStream(seed: seed, name: "operation-case/\(name)/\(purpose)")
    let width = range.upperBound - range.lowerBound
    return ReferenceArray(shape, (0..<shape.count).map { _ in range.lowerBound + width * Double(stream.uniform()) })
  }
}
