import NunchiGraph
import NunchiLayers
import NunchiTensors
import NunchiTestSupport
import Testing

/// Layers that change the size of images or normalise within a row, by hand.
struct ImageLayerTests {
  private func message(_ layer: any Layer, _ input: Shape) -> String? {
    do {
      _ = try trace(.training) { _ = layer($0.input("x", input)) }
      return nil
    } catch { return (error as? TraceError)?.message }
  }

  /// Each pixel is spread over its window; windows that overlap add up, and the output padding is the bias alone.
  @Test func transposedConvolutionSpreads() throws {
    let layer = ConvTranspose2D(1, 2, kernel: WindowSize(1, 3), stride: WindowSize(1, 2), outputPadding: (0, 1))
    let y = try run(layer, Tensor([1, 1, 2, 1], [1, 10])) {
      // [kernel height, kernel width, outputs, inputs]
      $0[layer.weight] = [1, 2, 3, 4, 5, 6]
      $0[layer.bias!] = [0.5, -0.5]
    }
    #expect(y.shape == [1, 1, 6, 2])
    #expect(y.values == [1.5, 1.5, 3.5, 3.5, 15.5, 25.5, 30.5, 39.5, 50.5, 59.5, 0.5, -0.5])
  }

  @Test func transposedConvolutionRefuses() {
    let layer = ConvTranspose2D(3, 8, kernel: 2, stride: 2)
    #expect(
      message(layer, [1, 4, 4, 2])
        == "ConvTranspose2D(3 → 8, kernel 2, stride 2) expects 3 input channels, got 2 (input shape [1, 4, 4, 2])")
    #expect(
      message(layer, [4, 3])
        == "ConvTranspose2D(3 → 8, kernel 2, stride 2) expects images [n, height, width, channels], got shape [4, 3]")
    #expect(
      message(ConvTranspose2D(3, 8, kernel: 2, stride: 2, outputPadding: (2, 0)), [1, 4, 4, 3])
        == "transposed-convolution: output padding must be less than the stride")
    #expect(
      message(ConvTranspose2D(3, 8, kernel: 2, padding: .same), [1, 4, 4, 3])
        == "transposed convolution: no padding of the result is called same; say how many pixels")
    #expect(
      message(ConvTranspose2D(3, 8, kernel: 1, padding: 2), [1, 4, 4, 3])
        == "transposed-convolution: nothing is left of the image [1, 4, 4, 3] inside the padding")
  }

  @Test func upsampling() throws {
    let x = Tensor([1, 1, 2, 1], [0, 8])
    #expect(try run(Upsample(2), x).values == [0, 0, 8, 8, 0, 0, 8, 8])
    let wide = WindowSize(1, 2)
    #expect(try run(Upsample(wide, .bilinear), x).values == [0, 2, 6, 8])
    #expect(try run(Upsample(WindowSize(1, 4), .bilinear, alignment: .origin), x).values == [0, 2, 4, 6, 8, 8, 8, 8])
    let corners = try run(Upsample(wide, .bilinear, alignment: .corners), Tensor([1, 1, 2, 1], [0, 9]))
    #expect(
      corners.difference(from: ReferenceArray<Float>([1, 1, 4, 1], [0, 3, 6, 9]), Tolerance(sumOf: 4, scale: 9)) == nil)
  }

  @Test func normalisationOfRows() throws {
    let x = Tensor([1, 1, 2, 2], [1, 10, 3, 30])
    // Both pixels of a channel: mean 2, deviation 1; mean 20, deviation 10.
    let groups = try run(GroupNorm(2, 2, epsilon: 1e-12), x)
    #expect(
      groups.difference(from: ReferenceArray<Float>([1, 1, 2, 2], [-1, -1, 1, 1]), Tolerance(sumOf: 8, scale: 2)) == nil
    )
    let layer = LayerNorm(2, epsilon: 1e-12)
    let rows = try run(layer, x) { $0[layer.bias] = [0.5, -0.5] }
    #expect(
      rows.difference(
        from: ReferenceArray<Float>([1, 1, 2, 2], [-0.5, 0.5, -0.5, 0.5]), Tolerance(sumOf: 8, scale: 2)) == nil)
    #expect(
      message(GroupNorm(2, 4), [1, 2, 2, 6]) == "GroupNorm(4 in 2 groups) expects 4 channels, got shape [1, 2, 2, 6]")
    #expect(
      message(LayerNorm([2, 2, 3]), [1, 2, 3, 3])
        == "LayerNorm(2x2x3) expects rows of shape [2, 2, 3], got shape [1, 2, 3, 3]")
  }

  @Test func gates() throws {
    let x = Tensor([1, 4], [-4, -1.5, 0, 5])
    #expect(try run(Clip.relu6, Tensor([1, 3], [-1, 2, 7])).values == [0, 2, 6])
    #expect(try run(HardSigmoid(), x).values == [0, 0.25, 0.5, 1])
    #expect(try run(HardSwish(), x).values == [0, -0.375, 0, 5])
    for layer in [SiLU(), Mish(), GELU(), GELU(approximate: true)] as [any Layer] {
      let y = try run(layer, Tensor([1, 3], [0, 30, -30]))
      #expect(y.values[0] == 0 && y.values[1] == 30 && abs(y.values[2]) < 1e-10, "\(layer.summary)")
    }
  }

  /// Σ x² of a channel and its neighbours: 1 + 4, 1 + 4 + 9, 4 + 9.
  @Test func localResponse() throws {
    let y = try run(LocalResponseNorm(3, alpha: 3, beta: 1, bias: 1), Tensor([1, 3], [1, 2, 3]))
    let expected = ReferenceArray<Float>([1, 3], [1 / 6, 2 / 15, 3 / 14])
    #expect(y.difference(from: expected, Tolerance(sumOf: 8, scale: 1)) == nil)
  }
}

/// Losses of pixels and with weights, by hand.
struct LossFunctionTests {
  private func value(
    _ parameters: [Double], _ shape: Shape, divisor: Int? = nil, _ loss: (Value) -> Value
  ) throws -> Double {
    let p = Parameter(shape, role: .weight, initializer: .zeros)
    let graph = try trace(.training) { $0.output("loss", loss($0.parameter(p))) }
    let executor = ReferenceExecutor<Double>(
      inputs: [:], parameters: [p: ReferenceArray(shape, parameters)], context: RunState(divisor: divisor))
    return executor.run(graph).outputs["loss"]!.values[0]
  }

  /// Two of three pixels have a target, and only they are counted.
  @Test func ignoredPixelsCountNothing() throws {
    let logits: [Double] = [0, 0, 1, -5, 0, 0]
    func loss(_ targets: [Int32], dividedBy count: Float? = nil) throws -> Double {
      try value(logits, [1, 3, 2]) { x in
        crossEntropy(
          x, x.tracer.constant(Tensor([1, 3], integers: targets)), ignoring: 9,
          dividedBy: count.map { x.tracer.constant(Tensor($0)) })
      }
    }
    #expect(abs(try loss([0, 9, 1]) - Double.logarithm(2)) < 1e-15)
    #expect(abs(try loss([0, 9, 1], dividedBy: 8) - Double.logarithm(2) / 4) < 1e-15)
    #expect(try loss([9, 9, 9]) == 0)
  }

  @Test func smoothL1IsSquareThenMagnitude() throws {
    let x = [0.5, -3, 1, 0]
    func loss(_ shape: Shape, beta: Float = 1, weights: Tensor? = nil) throws -> Double {
      try value(x, shape) { x in
        smoothL1(x, x.tracer.constant(Tensor(repeating: 0, shape)), beta: beta, weights: weights.map(x.tracer.constant))
      }
    }
    #expect(try loss([2, 2]) == (0.125 + 2.5 + 0.5) / 4)
    #expect(try loss([2, 2], beta: 0) == 4.5 / 4)
    #expect(try loss([2, 2], weights: Tensor([2], [2, 0])) == (0.25 + 5) / 4)
    #expect(try loss([4], weights: Tensor([4], [0, 1, 0, 4])) == 2.5 / 4)
  }

  @Test func whatDoesNotFitIsSaid() {
    func message(_ loss: (Value) -> Value) -> String? {
      do {
        _ = try trace(.training) { _ = loss($0.input("x", [4, 3])) }
        return nil
      } catch { return "\(error)" }
    }
    #expect(
      message { smoothL1($0, $0.tracer.input("t", [4])) }
        == "smooth L1: predictions of shape [4, 3] for targets of shape [4]")
    #expect(
      message { binaryCrossEntropy($0, $0, weights: $0.tracer.input("w", [3])) }
        == "binary cross-entropy: weights of shape [3] for predictions of shape [4, 3]")
    #expect(message { smoothL1($0, $0, beta: -1) } == "smooth L1: beta must be finite and not negative, got -1.0")
    #expect(
      message { crossEntropy($0, $0, ignoring: 1) }
        == "cross-entropy: an index to ignore needs targets that are indices")
    #expect(
      message { $0.gathered(axis: 1, [0, 3]) } == "gather expects indices in 0..<3 along axis 1 of [4, 3], got 3")
    #expect(message { topRows($0, 4).values } == "sort-rows: the first 4 of rows of shape [4, 3]")
    #expect(message { $0.imagesOfPixels([3]) } == "rows of shape [4, 3] are no images of 3 pixels")
  }
}
