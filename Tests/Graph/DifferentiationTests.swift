import NunchiGraph
import NunchiTensors
import NunchiTestSupport
import Testing

struct DifferentiationTests {
  private func gradients(
    _ values: [(Parameter, [Double])], _ loss: (Tracer) throws -> Value
  ) throws -> [Parameter: ReferenceArray<Double>] {
    let graph = try trace(.training) { try $0.differentiate(loss($0), for: values.map(\.0)) }
    let parameters = values.map { ($0.0, ReferenceArray($0.0.shape, $0.1)) }
    return ReferenceExecutor<Double>(inputs: [:], parameters: Dictionary(uniqueKeysWithValues: parameters)).run(graph)
      .gradients
  }

  private func scalar() -> Parameter { Parameter(.scalar, role: .weight, initializer: .zeros) }

  /// Every use adds its share: (x·x + x)·x = x³ + x², derivative 3x² + 2x.
  @Test func usersAddUp() throws {
    let x = scalar()
    let result = try gradients([(x, [2])]) { tracer in
      let v = tracer.parameter(x)
      return (v * v + v) * v
    }
    #expect(result[x]!.values == [16])
  }

  /// A diamond: the gradient of a value must be complete before its own rule runs.
  @Test func diamond() throws {
    let x = scalar()
    let result = try gradients([(x, [3])]) { tracer in
      let square = power(tracer.parameter(x), 2)
      let left = square.scaled(by: 2)
      let right = left * square
      return right + square
    }
    // y = 2x⁴ + x²
    #expect(result[x]!.values == [8 * 27 + 6])
  }

  @Test func sharedParameterIsOneValue() throws {
    let x = scalar()
    let graph = try trace(.training) { tracer in
      let sum = tracer.parameter(x) + tracer.parameter(x)
      try tracer.differentiate(sum, for: [x])
    }
    #expect(graph.parameters.count == 1)
    #expect(graph.gradients.count == 1)
  }

  /// x · stop(x): only the first factor is differentiated.
  @Test func stopGradientStops() throws {
    let x = scalar()
    let result = try gradients([(x, [5])]) { tracer in
      let v = tracer.parameter(x)
      return v * stopGradient(v)
    }
    #expect(result[x]!.values == [5])
  }

  @Test func untouchedParameterGetsZeros() throws {
    let (x, y) = (scalar(), Parameter([2], role: .bias, initializer: .zeros))
    let result = try gradients([(x, [5]), (y, [1, 1])]) { $0.parameter(x) }
    #expect(result[x]!.values == [1])
    #expect(result[y]!.values == [0, 0])
  }

  /// The bias before a batch norm learns nothing, on either side of the sum: exactly zero, not rounding noise.
  @Test(arguments: [false, true]) func biasBeforeBatchNormIsExactlyZero(first: Bool) throws {
    let (w, b) = (Parameter([4, 2], role: .weight, initializer: .he), Parameter([2], role: .bias, initializer: .zeros))
    let norm = [[1.0, 2.0], [0.5, 0], [0, 0], [1, 1]].map {
      (Parameter([2], role: .normalization, initializer: .zeros), $0)
    }
    let values = [(w, [0.3, 1, -1, 0.2, 0.7, 0.1, -0.4, 2]), (b, [0.1, 0.2])] + norm
    let result = try gradients(values) { tracer in
      let (x, bias) = (tracer.parameter(w), tracer.parameter(b))
      let y = batchNormalize(
        first ? bias + x : x + bias, scale: norm[0].0, shift: norm[1].0, mean: norm[2].0, variance: norm[3].0)
      return power(y, 3).sum(axes: [0, 1])
    }
    #expect(result[b]!.values == [0, 0])
    #expect(result[w]!.values.contains { abs($0) > 1e-3 })
  }

  /// Only sums of a batch norm's own gradient are replaced: behind a fork the bias has the other branch's gradient, and a
  /// parameter of one number a pixel is no bias.
  @Test func otherSumsStay() throws {
    let (w, b) = (Parameter([4, 2], role: .weight, initializer: .he), Parameter([2], role: .bias, initializer: .zeros))
    let column = Parameter([4, 1], role: .weight, initializer: .zeros)
    let norm = [[1.0, 2.0], [0.5, 0], [0, 0], [1, 1]].map {
      (Parameter([2], role: .normalization, initializer: .zeros), $0)
    }
    let values = [(w, [0.3, 1, -1, 0.2, 0.7, 0.1, -0.4, 2]), (b, [0.1, 0.2]), (column, [0.1, 0.5, 0.2, 0.9])] + norm
    let result = try gradients(values) { tracer in
      let x = tracer.parameter(w) + tracer.parameter(column)
      let sum = x + tracer.parameter(b)
      let y = batchNormalize(sum, scale: norm[0].0, shift: norm[1].0, mean: norm[2].0, variance: norm[3].0)
      return (power(y, 3) + sum).sum(axes: [0, 1])
    }
    #expect(result[b]!.difference(from: ReferenceArray<Double>([2], [4, 4]), Tolerance(sumOf: 100)) == nil)
    #expect(result[column]!.values.allSatisfy { abs($0) > 1e-3 })
  }

  @Test func lossMustBeAScalar() {
    let x = Parameter([3], role: .weight, initializer: .zeros)
    let error = #expect(throws: TraceError.self) {
      try trace(.training) { try $0.differentiate($0.parameter(x), for: [x]) }
    }
    #expect(
      error?.description == "the loss must be a scalar, got shape [3]; reduce it, for example with a mean")
  }

  /// Logistic regression: the gradient is Xᵀ(p − y)/n.
  @Test func logisticRegressionClosedForm() throws {
    let (n, d) = (6, 3)
    let x = Tensor.random([n, d], seed: 1).floats.map { Double($0) }
    let y = [0, 1, 1, 0, 1, 0] as [Double]
    let w = Parameter([d, 1], role: .weight, initializer: .zeros)
    let weights = [0.3, -0.7, 0.2]
    let graph = try trace(.training) { tracer in
      let logits = multiply(tracer.input("x", [n, d]), tracer.parameter(w))
      let losses = tracer.add(.binary(Binary(.logisticLoss)), [logits, tracer.input("y", [n, 1])])[0]
      try tracer.differentiate(losses.reshaped(to: [n]).batchMean(), for: [w])
    }
    let executor = ReferenceExecutor<Double>(
      inputs: ["x": ReferenceArray([n, d], x), "y": ReferenceArray([n, 1], y)],
      parameters: [w: ReferenceArray([d, 1], weights)])
    var expected = [0.0, 0, 0]
    for row in 0..<n {
      let logit = (0..<d).reduce(0) { $0 + x[row * d + $1] * weights[$1] }
      let error = 1 / (1 + Double.exponential(-logit)) - y[row]
      for j in 0..<d { expected[j] += x[row * d + j] * error / Double(n) }
    }
    let tolerance = Tolerance(sumOf: n + d, epsilon: Double.ulpOfOne, functions: 4)
    #expect(executor.run(graph).gradients[w]!.difference(from: ReferenceArray([d, 1], expected), tolerance) == nil)
  }
}
