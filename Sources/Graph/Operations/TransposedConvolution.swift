import NunchiTensors

/// The transpose of a convolution with the same window: each element is added, times the weights, to the pixels that the
/// convolution would have computed it from.
///   y[n, h·s + i·d − p, w·s + j·d − p, c] = Σ x[n, h, w, o] · k[i, j, c, o] over all h, w, i, j that meet there
/// and the channels o of c's group. Result extents are (h − 1)·s + (kernel − 1)·d + 1 − 2p + output padding.
/// Inputs: images NHWC, weights [kernel height, kernel width, outputs / groups, inputs].
package struct TransposedConvolution: OperationRule {
  package let window: Window
  package let groups: Int
  /// Rows and columns behind the last ones that the window reaches.
  package let outputPadding: (height: Int, width: Int)

  package init(_ window: Window, groups: Int, outputPadding: (Int, Int)) {
    self.window = window
    self.groups = groups
    self.outputPadding = outputPadding
  }

  package var name: String { "transposed-convolution" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32, .float32)
    try window.validate(name)
    let (x, k) = (inputs[0].shape, inputs[1].shape)
    guard x.rank == 4 else { throw OperationError("\(name) expects images [n, height, width, channels], got \(x)") }
    guard k.rank == 4, k[0] == window.kernelHeight, k[1] == window.kernelWidth else {
      throw OperationError("\(name): weights \(k) for a \(window.kernelHeight)x\(window.kernelWidth) window")
    }
    guard groups > 0, k[3] == x[3], x[3] % groups == 0 else {
      throw OperationError(
        "\(name) expects \(k[3]) input channels in \(groups) group(s), got \(x[3]) (input shape \(x))")
    }
    guard (0..<window.strideHeight).contains(outputPadding.height),
      (0..<window.strideWidth).contains(outputPadding.width)
    else { throw OperationError("\(name): output padding must be less than the stride") }
    let (height, width) = extents(x)
    guard height > 0, width > 0 else {
      throw OperationError("\(name): nothing is left of the image \(x) inside the padding")
    }
    return [ValueType([x[0], height, width, k[2] * groups], batchOf: inputs[0])]
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool { inputs[1].batched }

  package func multiplyAdds(_ inputs: [ValueType], _ outputs: [ValueType]) -> Int {
    inputs[0].shape.count * inputs[1].shape.extents.prefix(3).reduce(1, *)
  }

  private func extents(_ x: Shape) -> (height: Int, width: Int) {
    (
      (x[1] - 1) * window.strideHeight + window.reachHeight - window.top - window.bottom + outputPadding.height,
      (x[2] - 1) * window.strideWidth + window.reachWidth - window.left - window.right + outputPadding.width
    )
  }

  /// dx is the convolution of dy; the weights' gradient is that of the convolution with x and dy exchanged.
  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let (x, k, dy) = (context.inputs[0], context.inputs[1], context.gradient)
    let dx = context.needed[0] ? record(.convolution(Convolution(window, groups: groups)), dy, k) : nil
    let toWeights = ConvolutionWeightGradient(window, groups: groups)
    let dk = context.needed[1] ? record(.convolutionWeightGradient(toWeights), dy, x) : nil
    return [dx, dk]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (height, width) = extents(inputs[0].shape)
    return ConvolutionInputGradient(window, groups: groups, height: height, width: width).reference(inputs, context)
  }
}

/// The transposed convolution of images [n, height, width, channels] with weights [height, width, outputs / groups,
/// channels]; `outputPadding` adds rows and columns behind, fewer than the stride.
public func convolveTransposed(
  _ images: Value, _ weights: Value, stride: (Int, Int) = (1, 1), padding: Padding = .valid,
  outputPadding: (Int, Int) = (0, 0), dilation: (Int, Int) = (1, 1), groups: Int = 1
) -> Value {
  if padding == .same, !images.isPoisoned {
    images.tracer.fail("transposed convolution: no padding of the result is called same; say how many pixels")
    return images.tracer.poisoned()
  }
  let kernel = weights.shape.rank == 4 ? (weights.shape[0], weights.shape[1]) : (1, 1)
  let window = Window(kernel: kernel, stride: stride, padding: padding, dilation: dilation)
  let rule = TransposedConvolution(window, groups: groups, outputPadding: outputPadding)
  return record(.transposedConvolution(rule), images, weights)
}
