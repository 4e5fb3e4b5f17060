import NunchiGraph
import NunchiLayers
import NunchiModels
import NunchiTensors
import NunchiTestSupport
import Testing

/// Runs a layer on the reference with initial weights.
func run(
  _ layer: any Layer, _ x: Tensor, mode: Mode = .inference, seed: UInt64 = 0, change: (inout Weights) -> Void = { _ in }
) throws -> ReferenceArray<Float> {
  var weights = Weights(WeightsLayout(layer.namedParameters()), seed: seed)
  change(&weights)
  let graph = try trace(mode) { $0.output("y", layer($0.input("x", x.shape, x.dataType))) }
  return ReferenceExecutor<Float>(inputs: ["x": x], weights: weights).run(graph).outputs["y"]!
}

struct BehaviourTests {
  @Test func denseIsWeightsTimesRowsPlusBias() throws {
    let dense = Dense(2, 2)
    let y = try run(dense, Tensor([1, 2], [1, 10])) {
      $0[dense.weight] = [1, 2, 3, 4]
      $0[dense.bias!] = [0.5, -0.5]
    }
    #expect(y.values == [31.5, 41.5])
  }

  @Test func poolsChooseAndAverage() throws {
    let x = Tensor([1, 2, 2, 2], [1, 8, 2, 7, 3, 6, 4, 5])
    #expect(try run(MaxPool2D(2), x).values == [4, 8])
    #expect(try run(MinPool2D(2), x).values == [1, 5])
    #expect(try run(AveragePool2D(2), x).values == [2.5, 6.5])
    let mean = try run(GlobalAveragePool(), x)
    #expect(mean.values == [2.5, 6.5] && mean.shape == [1, 2])
  }

  @Test func flattenKeepsChannelsInnermost() throws {
    let y = try run(Flatten(), Tensor([2, 1, 2, 2], [1, 2, 3, 4, 5, 6, 7, 8]))
    #expect(y.shape == [2, 4] && y.values == [1, 2, 3, 4, 5, 6, 7, 8])
  }

  /// A channel that is constant says nothing: 0, never NaN.
  @Test func normalizationOfBytes() throws {
    let layer = Normalization(mean: [0.5, 0.25], deviation: [0.25, 0])
    let y = try run(layer, Tensor([1, 1, 2, 2], bytes: [0, 64, 255, 64]))
    #expect(
      y.difference(from: ReferenceArray<Float>([1, 1, 2, 2], [-2, 0, 2, 0]), Tolerance(sumOf: 4, scale: 4)) == nil)
  }

  /// With its last batch norm at zero a residual block is the identity behind its activation.
  @Test func zeroedBranchIsIdentity() throws {
    let norm = BatchNorm2D(3)
    let block = Residual(
      Sequential {
        Conv2D(3, 3, kernel: 3, padding: 1, bias: false); norm
      })
    let x = Tensor.random([2, 4, 4, 3])
    let y = try run(block, x, mode: .training) { $0[norm.parameters[0].parameter] = [0, 0, 0] }
    #expect(y.values == x.floats)
  }

  @Test func parallelPutsChannelsSideBySide() throws {
    let layer = Parallel {
      MaxPool2D(1); MaxPool2D(1)
    }
    #expect(try run(layer, Tensor([1, 1, 2, 1], [3, 4])).values == [3, 3, 4, 4])
    #expect(
      try outputShape(
        of: Parallel {
          Conv2D(2, 3, kernel: 1); Conv2D(2, 5, kernel: 1)
        }, [1, 4, 4, 2]) == [1, 4, 4, 8])
  }

  @Test func builderTakesConditionsAndLoops() {
    let (deep, wide) = (true, false)
    let model = Sequential {
      Flatten()
      if deep { ReLU() }
      if wide { Tanh() } else { Sigmoid() }
      for width in 1...2 { Dense(width, width) }
    }
    #expect(model.layers.map(\.summary) == ["Flatten", "ReLU", "Sigmoid", "Dense(1 → 1)", "Dense(2 → 2)"])
  }

  /// He's rule keeps the scale through 20 ReLU layers; a fixed small deviation loses it.
  @Test func signalThroughTwentyLayers() throws {
    func deviation(_ initializer: Initializer) throws -> Double {
      let model = Sequential { for _ in 0..<20 { Dense(100, 100, initializer: initializer); ReLU() } }
      let y = try run(model, gaussian([200, 100])).values.map { Double($0) }
      let mean = y.reduce(0, +) / Double(y.count)
      return (y.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(y.count)).squareRoot()
    }
    let he = try deviation(.he)
    #expect((0.5...2).contains(he), "\(he)")
    #expect(try deviation(.normal(deviation: 0.01)) < 0.01)
  }

  private func gaussian(_ shape: Shape) -> Tensor {
    var stream = RandomStream(seed: 1, name: "gaussian")
    return Tensor(shape, (0..<shape.count).map { _ in stream.normal() })
  }

  /// Softmax regression with zero weights starts at log(classes).
  @Test func firstLossIsLogClasses() throws {
    let model = Sequential {
      Flatten(); Dense(784, 10, initializer: .zeros)
    }
    let loss = try lossOf(model, Tensor.random([8, 28, 28, 1]), Tensor.randomClasses(8, below: 10))
    #expect(abs(loss - 2.302585) < 1e-5)
  }

  private func lossOf(_ model: any Layer, _ x: Tensor, _ targets: Tensor) throws -> Float {
    let graph = try trace(.training) { tracer in
      tracer.output("loss", Loss.crossEntropy(model(tracer.input("x", x.shape)), tracer.constant(targets)))
    }
    let weights = Weights(WeightsLayout(model.namedParameters()), seed: 0)
    return ReferenceExecutor<Float>(inputs: ["x": x], weights: weights).run(graph).outputs["loss"]!.values[0]
  }

  @Test func dropoutStandsOnlyInTraining() throws {
    let x = Tensor(repeating: 1, [1000])
    #expect(try run(NunchiLayers.Dropout(0.5), x).values == x.floats)
    #expect(Set(try run(NunchiLayers.Dropout(0.5), x, mode: .training).values) == [0, 2])
  }
}
