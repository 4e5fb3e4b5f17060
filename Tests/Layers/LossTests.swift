import NunchiGraph
import NunchiLayers
import NunchiTensors
import Testing

struct LossTests {
  private func loss(_ shape: Shape, _ x: [Float], _ t: [Float], _ loss: Loss) throws -> Float {
    let graph = try trace(.training) { $0.output("l", loss($0.input("x", shape), $0.input("t", shape))) }
    let inputs = ["x": ReferenceArray(shape, x), "t": ReferenceArray(shape, t)]
    return ReferenceExecutor<Float>(inputs: inputs, parameters: [:]).run(graph).outputs["l"]!.values[0]
  }

  @Test func meanSquaredErrorIsTheMean() throws {
    #expect(try loss([2, 2], [1, 2, 3, 4], [0, 0, 0, 0], .mse) == 7.5)
    #expect(try loss([2], [1, 3], [0, 0], .mse) == 5)
  }

  @Test func binaryCrossEntropyIsFinite() throws {
    #expect(try abs(loss([1, 1], [0], [1], .binaryCrossEntropy) - 0.6931472) < 1e-6)
    #expect(try loss([1, 2], [1e4, -1e4], [0, 1], .binaryCrossEntropy) == 1e4)
  }

  /// Indices of classes are shares of one, for every loss; smoothing and weights are those of the formula.
  @Test(arguments: Loss.allCases) func indicesAreSharesOfOne(_ loss: Loss) throws {
    let (outputs, shares): ([Float], [Float]) = ([0.5, -1, 2, 1, 0, -0.5], [0, 0, 1, 1, 0, 0])
    func rows(_ targets: Tensor, smoothing: Float, weights: [Float]?) throws -> [Float] {
      let graph = try trace(.training) { tracer in
        let outputs = tracer.constant(Tensor([2, 3], outputs))
        tracer.output(
          "rows", loss.rows(outputs, tracer.constant(targets), smoothing: smoothing, weights: weights))
      }
      return ReferenceExecutor<Float>(inputs: [String: ReferenceArray<Float>](), parameters: [:]).run(graph)
        .outputs["rows"]!.values
    }
    for (smoothing, weights) in [(0, nil), (0.25, nil), (0, [1, 2, 4]), (0.25, [1, 2, 4])] as [(Float, [Float]?)] {
      let found = try rows(Tensor([2], integers: [2, 0]), smoothing: smoothing, weights: weights)
      #expect(try rows(Tensor([2, 3], shares), smoothing: smoothing, weights: weights) == found)
      for row in 0..<2 {
        let expected = Self.expected(loss, outputs, shares, row, Double(smoothing), weights)
        #expect(abs(Double(found[row]) - expected) < 20 * Double(Float.ulpOfOne) * max(1, expected), "\(loss) \(row)")
      }
    }
  }

  /// The formulas of the losses, row by row in Double.
  private static func expected(
    _ loss: Loss, _ outputs: [Float], _ shares: [Float], _ row: Int, _ smoothing: Double, _ weights: [Float]?
  ) -> Double {
    let x = outputs[row * 3..<row * 3 + 3].map(Double.init)
    let truth = shares[row * 3..<row * 3 + 3].map(Double.init)
    let smooth = truth.map { $0 * (1 - smoothing) + smoothing / 3 }
    let sum = x.reduce(0) { $0 + Double.exponential($1) }
    let each = weights?.map(Double.init) ?? [1, 1, 1]
    let weight = zip(each, truth).reduce(0) { $0 + $1.0 * $1.1 }
    let logarithms = x.map { $0 - Double.logarithm(sum) }
    let entropy = (0..<3).reduce(0) { $0 - each[$1] * smooth[$1] * logarithms[$1] }
    let p = zip(x, truth).reduce(0) { $0 + Double.exponential($1.0) / sum * $1.1 }
    switch loss {
    case .crossEntropy: return entropy
    case .focal: return entropy * (1 - p) * (1 - p)
    case .mse: return weight * zip(x, smooth).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } / 3
    case .binaryCrossEntropy:
      return weight
        * zip(x, smooth).reduce(0) { $0 + Double.logarithm(1 + Double.exponential($1.0)) - $1.0 * $1.1 } / 3
    }
  }

  /// [n, 1] against [n] would broadcast to n².
  @Test func shapesMustBeEqual() {
    let error = #expect(throws: TraceError.self) {
      try trace(.training) { _ = Loss.mse($0.input("x", [4, 1]), $0.input("t", [4])) }
    }
    #expect(error?.description == "mean squared error: predictions of shape [4, 1] for targets of shape [4]")
  }

  /// The convention: 2 (p − t) / (features · rows).
  @Test func meanSquaredErrorGradient() throws {
    let p = Parameter([2, 2], role: .weight, initializer: .zeros)
    let graph = try trace(.training) { tracer in
      let loss = Loss.mse(tracer.parameter(p), tracer.constant(Tensor(repeating: 0, [2, 2])))
      try tracer.differentiate(loss, for: [p])
    }
    let executor = ReferenceExecutor<Double>(inputs: [:], parameters: [p: ReferenceArray([2, 2], [1, 2, 3, 4])])
    #expect(executor.run(graph).gradients[p]!.values == [0.5, 1, 1.5, 2])
  }
}
