import NunchiGraph
import NunchiTensors
import NunchiTestSupport
import Testing

struct CrossEntropyTests {
  private func loss(
    _ shape: Shape, _ logits: [Double], _ targets: Tensor, smoothing: Float = 0, weights: [Float]? = nil,
    divisor: Int? = nil
  ) throws -> Double {
    let context = RunState(divisor: divisor)
    return try run(shape, logits, mode: .training, context: context) { x in
      crossEntropyRows(x, x.tracer.constant(targets), smoothing: smoothing, weights: weights).losses.batchMean()
    }.values[0]
  }

  @Test func knownValue() throws {
    let logits = [0.1, 0.9].map { Double.logarithm($0) }
    #expect(abs(try loss([1, 2], logits, Tensor([1], integers: [1])) - 0.10536051565782628) < 1e-15)
    #expect(abs(try loss([1, 10], [Double](repeating: 0, count: 10), Tensor([1], integers: [4])) - 2.302585093) < 1e-9)
  }

  @Test func indicesEqualOneHot() throws {
    let x = Tensor.random([3, 4], in: -3...3).floats.map { Double($0) }
    let hot = Tensor([3, 4], [0, 0, 1, 0, 1, 0, 0, 0, 0, 0, 0, 1])
    let index = Tensor([3], integers: [2, 0, 3])
    for weights: [Float]? in [nil, [0.5, 1, 2, 0.5]] {
      #expect(
        try loss([3, 4], x, hot, smoothing: 0.1, weights: weights)
          == loss([3, 4], x, index, smoothing: 0.1, weights: weights))
    }
  }

  /// log(0) must not be reached.
  @Test func extremeLogitsAreFinite() throws {
    #expect(try loss([1, 2], [1e4, -1e4], Tensor([1], integers: [1])) == 2e4)
    #expect(try loss([1, 2], [1e4, -1e4], Tensor([1], integers: [0])) == 0)
  }

  /// Σ over rows / rows, never / Σ of weights: two halves with the divisor of the whole add up to the whole.
  @Test func halvesAddUp() throws {
    let x = Tensor.random([4, 3], in: -3...3).floats.map { Double($0) }
    let targets: [Int32] = [0, 2, 1, 1]
    let weights: [Float] = [3, 0.5, 1]
    let whole = try loss([4, 3], x, Tensor([4], integers: targets), weights: weights)
    let halves = try [0, 2].map { start in
      try loss(
        [2, 3], Array(x[start * 3..<start * 3 + 6]), Tensor([2], integers: Array(targets[start..<start + 2])),
        weights: weights, divisor: 4)
    }
    #expect(abs(halves[0] + halves[1] - whole) < 1e-14)
  }

  @Test func softLabelsWeighByClass() throws {
    let x = [0.3, -1.0]
    let soft = try loss([1, 2], x, Tensor([1, 2], [0.25, 0.75]), weights: [2, 4])
    let zero = try loss([1, 2], x, Tensor([1], integers: [0]))
    let one = try loss([1, 2], x, Tensor([1], integers: [1]))
    #expect(abs(soft - (2 * 0.25 * zero + 4 * 0.75 * one)) < 1e-14)
  }

  @Test(arguments: [
    Tensor([2], integers: [0, 1]), Tensor([3, 2], [0, 1, 0, 1, 0, 1]), Tensor([3], bytes: [0, 1, 0]),
  ])
  func targetsThatDoNotFit(targets: Tensor) {
    #expect(throws: TraceError.self) { try loss([3, 4], [Double](repeating: 0, count: 12), targets) }
  }
}

struct BatchNormalizationTests {
  private let names = ["scale", "shift", "mean", "variance"]

  private func normalized(
    _ x: ReferenceArray<Double>, mode: Mode, mean: [Double] = [0, 0], variance: [Double] = [1, 1]
  ) throws -> (y: [Double], assignments: [[Double]]) {
    let p = names.map { _ in Parameter([2], role: .normalization, initializer: .zeros) }
    let graph = try trace(mode) { tracer in
      let y = batchNormalize(
        tracer.input("x", x.shape), scale: p[0], shift: p[1], mean: p[2], variance: p[3], epsilon: 1e-12)
      tracer.output("y", y)
    }
    let values: [[Double]] = [[1, 1], [0, 0], mean, variance]
    let executor = ReferenceExecutor<Double>(
      inputs: ["x": x],
      parameters: Dictionary(uniqueKeysWithValues: zip(p, values.map { ReferenceArray([2], $0) })))
    let results = executor.run(graph)
    return (results.outputs["y"]!.values, [p[2], p[3]].compactMap { results.assignments[$0]?.values })
  }

  private let batch = ReferenceArray<Double>([3, 2], [1, 10, 2, 40, 6, 10])

  @Test func trainingStandardises() throws {
    let y = try normalized(batch, mode: .training).y
    for channel in 0..<2 {
      let column = [0, 2, 4].map { y[$0 + channel] }
      #expect(abs(column.reduce(0, +)) < 1e-12)
      #expect(abs(column.reduce(0) { $0 + $1 * $1 } / 3 - 1) < 1e-9)
    }
  }

  /// Momentum the right way round, and the variance unbiased: (4 + 1 + 9) / 2 = 7.
  @Test func runningStatistics() throws {
    let (mean, variance) = (
      try normalized(batch, mode: .training).assignments[0], try normalized(batch, mode: .training).assignments[1]
    )
    #expect(zip(mean, [0.3, 2]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(zip(variance, [0.9 + 0.7, 0.9 + 30]).allSatisfy { abs($0 - $1) < 1e-5 })
  }

  /// In inference a row does not depend on its batch mates, and one row is fine.
  @Test func inferenceIsRowByRow() throws {
    let whole = try normalized(batch, mode: .inference, mean: [1, 2], variance: [4, 9])
    let row = try normalized(ReferenceArray([1, 2], [2, 40]), mode: .inference, mean: [1, 2], variance: [4, 9])
    #expect(Array(whole.y[2..<4]) == row.y)
    #expect(abs(row.y[0] - 0.5) < 1e-9 && whole.assignments.isEmpty)
  }
}
