import NunchiGraph
import NunchiTensors
import NunchiTestSupport
import Testing

/// Runs a graph of one input on the reference.
func run<T: ReferenceScalar>(
  _ shape: Shape, _ values: [T], mode: Mode = .inference, context: RunState = RunState(),
  _ body: (Value) -> Value
) throws -> ReferenceArray<T> {
  let graph = try trace(mode) { $0.output("y", body($0.input("x", shape))) }
  let executor = ReferenceExecutor<T>(
    inputs: ["x": ReferenceArray(shape, values)], parameters: [:], context: context)
  return executor.run(graph).outputs["y"]!
}

/// The derivative of a function at points, through differentiation.
func derivative(_ points: [Double], _ body: (Value) -> Value) throws -> [Double] {
  let parameter = Parameter([points.count], role: .weight, initializer: .zeros)
  let graph = try trace(.training) { tracer in
    try tracer.differentiate(body(tracer.parameter(parameter)).sum(axes: [0]), for: [parameter])
  }
  let executor = ReferenceExecutor<Double>(
    inputs: [:], parameters: [parameter: ReferenceArray([points.count], points)])
  return executor.run(graph).gradients[parameter]!.values
}

struct ActivationTests {
  @Test func values() throws {
    #expect(try run([3], [-1, 0, 2]) { step($0) }.values == [0, 0, 1] as [Double])
    #expect(try run([1], [0]) { sigmoid($0) }.values == [0.5] as [Double])
    #expect(try run([3], [-1, 0, 2]) { relu($0) }.values == [0, 0, 2] as [Double])
    #expect(try run([2], [-2, 2]) { leakyReLU($0, slope: 0.25) }.values == [-0.5, 2] as [Double])
    let elu: [Double] = try run([2], [-1, 2]) { NunchiGraph.elu($0) }.values
    #expect(abs(elu[0] - (0.36787944117144233 - 1)) < 1e-15 && elu[1] == 2)
  }

  @Test func derivativesAtZero() throws {
    #expect(try derivative([0]) { sigmoid($0) } == [0.25])
    #expect(try derivative([0]) { tanh($0) } == [1])
    #expect(try derivative([0]) { relu($0) } == [0])
  }

  /// Overflow of an exponential far out.
  @Test(arguments: [Float(-1000), 1000, -88.8, 88.8])
  func finiteFarOut(x: Float) throws {
    for function: (Value) -> Value in [
      { sigmoid($0) }, { tanh($0) }, { relu($0) }, { leakyReLU($0) }, { step($0) }, { softmax($0) },
      { logSoftmax($0) },
    ] {
      let y = try run([1, 2], [x, 0], function).values
      #expect(y.allSatisfy { $0.isFinite })
    }
    #expect(try run([1], [-1000 as Float]) { elu($0) }.values == [-1])
  }

  @Test func stepRefusesTraining() throws {
    let parameter = Parameter([2], role: .weight, initializer: .zeros)
    let error = #expect(throws: TraceError.self) {
      try trace(.training) { tracer in
        let y = step(tracer.parameter(parameter))
        try tracer.differentiate(y.sum(axes: [0]), for: [parameter])
      }
    }
    #expect(error?.message.hasPrefix("step cannot be trained: its derivative is 0 wherever it exists") == true)
  }
}

struct SoftmaxTests {
  @Test func equalLogits() throws {
    let y: ReferenceArray<Float> = try run([1, 3], [1000, 1000, 1000]) { softmax($0) }
    #expect(y.values.allSatisfy { abs($0 - 1 / 3) < 1e-7 })
  }

  @Test func shiftsChangeNothingAndRowsSumToOne() throws {
    let x = Tensor.random([4, 7], in: -5...5).floats
    let y: ReferenceArray<Float> = try run([4, 7], x) { softmax($0) }
    let shifted: ReferenceArray<Float> = try run([4, 7], x.map { $0 + 100 }) { softmax($0) }
    // The shift itself rounds each logit by up to 100·ε.
    #expect(shifted.difference(from: y, Tolerance(sumOf: 100)) == nil)
    for row in 0..<4 { #expect(abs(y.values[row * 7..<row * 7 + 7].reduce(0, +) - 1) < 1e-6) }
  }

  @Test func logarithmAgrees() throws {
    let x = Tensor.random([3, 5], in: -5...5).floats.map { Double($0) }
    let y = try run([3, 5], x) { exp(logSoftmax($0)) }
    let direct = try run([3, 5], x) { softmax($0) }
    #expect(y.difference(from: direct, Tolerance(sumOf: 5, epsilon: Double.ulpOfOne, functions: 3)) == nil)
  }
}
