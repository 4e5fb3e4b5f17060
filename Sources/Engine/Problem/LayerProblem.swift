/// A convolution or a product as text: `conv mb100 ic32 oc64 ih112 kh3 s1 p1 f32`,
/// `gemm m100 n512 k6272 f32`. Plans print it for each step; it can be parsed back.
package struct LayerProblem: Hashable, Sendable, CustomStringConvertible {
  package enum Layer: Hashable, Sendable {
    case convolution(ConvolutionProblem)
    /// y [rows, outputs] = x [rows, inputs] · k.
    case product(rows: Int, inputs: Int, outputs: Int)
  }

  package enum Direction: String, Hashable, Sendable, CaseIterable {
    case forward
    case inputGradient = "input_gradient"
    case weightGradient = "weight_gradient"
  }

  package let layer: Layer
  /// What the text names: all three directions of a layer (`conv`, `gemm`), or a gradient (`conv-dx`, `conv-dw`, and
  /// `gemm … ta`, the product of a layer's weight gradient).
  package let directions: [Direction]

  package var description: String {
    switch layer {
    case .convolution(let convolution):
      return convolution.text(directions.count > 1 ? .forward : directions[0])
    case .product(let rows, let inputs, let outputs):
      return directions == [.weightGradient]
        ? "gemm m\(inputs) n\(outputs) k\(rows) ta f32" : "gemm m\(rows) n\(outputs) k\(inputs) f32"
    }
  }

  /// Multiply-adds of one direction; all three have the same number.
  package var multiplyAdds: Int {
    switch layer {
    case .convolution(let it): it.batch * it.outHeight * it.outWidth * it.outputs * it.taps * it.channels / it.groups
    case .product(let rows, let inputs, let outputs): rows * inputs * outputs
    }
  }

  /// Floats of the layer's input, weights and result; each direction reads two of them and writes the third.
  package var sizes: [Int] {
    switch layer {
    case .convolution(let it):
      [
        saturating(it.batch, it.height, it.width, it.channels),
        saturating(it.kernelHeight, it.kernelWidth, it.channels / it.groups, it.outputs),
        saturating(it.batch, it.outHeight, it.outWidth, it.outputs),
      ]
    case .product(let rows, let inputs, let outputs): [rows * inputs, inputs * outputs, rows * outputs]
    }
  }

  /// The product, or the largest number on overflow: sizes are computed before they are checked.
  private func saturating(_ factors: Int...) -> Int {
    factors.reduce(1) { product, factor in
      let (result, overflows) = product.multipliedReportingOverflow(by: factor)
      return overflows ? .max : result
    }
  }

  package var bytes: Int { sizes.reduce(0, +) * MemoryLayout<Float>.size }
}

/// A convolution with the same stride, padding and dilation along both axes.
package struct ConvolutionProblem: Hashable, Sendable {
  package var batch: Int
  package var channels: Int
  package var outputs: Int
  package var height: Int
  package var width: Int
  package var kernelHeight: Int
  package var kernelWidth: Int
  package var stride = 1
  package var padding = 0
  package var dilation = 1
  package var groups = 1

  package var taps: Int { kernelHeight * kernelWidth }
  package var outHeight: Int { extent(height, kernelHeight) }
  package var outWidth: Int { extent(width, kernelWidth) }

  private func extent(_ size: Int, _ kernel: Int) -> Int {
    let room = size + 2 * padding - (kernel - 1) * dilation - 1
    return room < 0 ? 0 : room / stride + 1
  }

  package func text(_ direction: LayerProblem.Direction) -> String {
    let name =
      switch direction {
      case .forward: "conv"
      case .inputGradient: "conv-dx"
      case .weightGradient: "conv-dw"
      }
    var text = "\(name) mb\(batch) ic\(channels) oc\(outputs) ih\(height)"
    if width != height { text += " iw\(width)" }
    text += " kh\(kernelHeight)"
    if kernelWidth != kernelHeight { text += " kw\(kernelWidth)" }
    text += " s\(stride) p\(padding)"
    if dilation != 1 { text += " d\(dilation)" }
    if groups != 1 { text += " g\(groups)" }
    return text + " f32"
  }
}

extension LayerProblem {
  /// Smaller problems of the same layer for a comparison with the reference: on two images and on one, the largest first,
  /// each of at most `multiplyAdds` where possible; of a dense layer, on as many rows as that allows.
  package func reduced(to multiplyAdds: Int) -> [LayerProblem] {
    if self.multiplyAdds <= multiplyAdds { return [self] }
    switch layer {
    case .product(let rows, let inputs, let outputs):
      let fewer = max(1, min(rows, multiplyAdds / (inputs * outputs)))
      return [LayerProblem(layer: .product(rows: fewer, inputs: inputs, outputs: outputs), directions: directions)]
    case .convolution(let convolution):
      let candidates = (convolution.batch > 1 ? [2, 1] : [1]).flatMap { batch in
        (0..<min(convolution.height, convolution.width)).compactMap { less -> LayerProblem? in
          var smaller = convolution
          smaller.batch = batch
          (smaller.height, smaller.width) = (convolution.height - less, convolution.width - less)
          guard smaller.outHeight > 0, smaller.outWidth > 0 else { return nil }
          return LayerProblem(layer: .convolution(smaller), directions: directions)
        }
      }
      let affordable = candidates.filter { $0.multiplyAdds <= multiplyAdds }
      return affordable.isEmpty ? candidates.suffix(1) : affordable
    }
  }
}
