import NunchiTensors

/// y[n, h, w, o] = Σ x[n, h·s + i·d − p, w·s + j·d − p, c] · k[i, j, c, o] over i, j and the channels c of o's group.
/// Inputs: images NHWC, weights [kernel height, kernel width, inputs / groups, outputs].
package struct Convolution: OperationRule {
  package let window: Window
  package let groups: Int

  package init(_ window: Window, groups: Int) {
    self.window = window
    self.groups = groups
  }

  package var name: String { "convolution" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32, .float32)
    try window.validate(name)
    let (x, k) = (inputs[0].shape, inputs[1].shape)
    guard x.rank == 4 else { throw OperationError("convolution expects images [n, height, width, channels], got \(x)") }
    guard k.rank == 4, k[0] == window.kernelHeight, k[1] == window.kernelWidth else {
      throw OperationError("convolution: weights \(k) for a \(window.kernelHeight)x\(window.kernelWidth) window")
    }
    guard groups > 0, k[2] * groups == x[3], k[3] % groups == 0 else {
      throw OperationError(
        "convolution expects \(k[2] * max(groups, 1)) input channels in \(groups) group(s), got \(x[3]) (input shape \(x))"
      )
    }
    let (height, width) = window.output(height: x[1], width: x[2])
    guard height > 0, width > 0 else {
      throw OperationError(
        "convolution: a \(window.reachHeight)x\(window.reachWidth) window is larger than the padded image \(x)")
    }
    return [ValueType([x[0], height, width, k[3]], batched: inputs[0].batched)]
  }

  package func mixesBatch(_ inputs: [ValueType]) -> Bool { inputs[1].batched }

  package func multiplyAdds(_ inputs: [ValueType], _ outputs: [ValueType]) -> Int {
    outputs[0].shape.count * inputs[1].shape.extents.prefix(3).reduce(1, *)
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let (x, k) = (context.inputs[0], context.inputs[1])
    let toInput = ConvolutionInputGradient(window, groups: groups, height: x.shape[1], width: x.shape[2])
    let dx = context.needed[0] ? record(.convolutionInputGradient(toInput), context.gradient, k) : nil
    let toWeights = ConvolutionWeightGradient(window, groups: groups)
    let dk = context.needed[1] ? record(.convolutionWeightGradient(toWeights), x, context.gradient) : nil
    return [dx, dk]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (x, k) = (inputs[0], inputs[1])
    let size = window.output(height: x.shape[1], width: x.shape[2])
    var y = ReferenceArray<T>(zeros: [x.shape[0], size.height, size.width, k.shape[3]])
    let taps = Taps(window, groups, images: x.shape, results: y.shape)
    taps.forEach { image, result, weight in y.values[result].addProduct(x.values[image], k.values[weight]) }
    return [y]
  }
}

/// dx of a convolution: each image element collects dy · k from every window that it was in. Inputs: dy, weights.
package struct ConvolutionInputGradient: OperationRule {
  package let window: Window
  package let groups: Int
  package let height: Int
  package let width: Int

  package init(_ window: Window, groups: Int, height: Int, width: Int) {
    self.window = window
    self.groups = groups
    self.height = height
    self.width = width
  }

  package var name: String { "convolution-input-gradient" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    let channels = inputs[1].shape[2] * groups
    return [ValueType([inputs[0].shape[0], height, width, channels], batched: inputs[0].batched)]
  }

  package func multiplyAdds(_ inputs: [ValueType], _ outputs: [ValueType]) -> Int {
    inputs[0].shape.count * inputs[1].shape.extents.prefix(3).reduce(1, *)
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (dy, k) = (inputs[0], inputs[1])
    var dx = ReferenceArray<T>(zeros: [dy.shape[0], height, width, k.shape[2] * groups])
    let taps = Taps(window, groups, images: dx.shape, results: dy.shape)
    taps.forEach { image, result, weight in dx.values[image].addProduct(dy.values[result], k.values[weight]) }
    return [dx]
  }
}

/// dk of a convolution: Σ over images and pixels of x · dy, over the valid rows of the batch. Inputs: x, dy.
package struct ConvolutionWeightGradient: OperationRule {
  package let window: Window
  package let groups: Int

  package init(_ window: Window, groups: Int) {
    self.window = window
    self.groups = groups
  }

  package var name: String { "convolution-weight-gradient" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    let (x, dy) = (inputs[0].shape, inputs[1].shape)
    return [ValueType([window.kernelHeight, window.kernelWidth, x[3] / groups, dy[3]])]
  }

  package func multiplyAdds(_ inputs: [ValueType], _ outputs: [ValueType]) -> Int {
    inputs[1].shape.count * outputs[0].shape.extents.prefix(3).reduce(1, *)
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (x, dy) = (inputs[0], inputs[1])
    var dk = ReferenceArray<T>(
      zeros: [window.kernelHeight, window.kernelWidth, x.shape[3] / groups, dy.shape[3]])
    let taps = Taps(window, groups, images: x.shape, results: dy.shape)
    taps.forEach { image, result, weight in dk.values[weight].addProduct(x.values[image], dy.values[result]) }
    return [dk]
  }
}

/// The seven loops of a convolution, as triples of positions (image element, result element, weight).
private struct Taps {
  let window: Window
  let groups: Int
  let images: Shape
  let results: Shape

  init(_ window: Window, _ groups: Int, images: Shape, results: Shape) {
    self.window = window
    self.groups = groups
    self.images = images
    self.results = results
  }

  @inline(__always)
  func forEach(_ body: (_ image: Int, _ result: Int, _ weight: Int) -> Void) {
    let (height, width, channels) = (images[1], images[2], images[3])
    let (outHeight, outWidth, outputs) = (results[1], results[2], results[3])
    let (groupInputs, groupOutputs) = (channels / groups, outputs / groups)
    for n in 0..<images[0] {
      for row in 0..<outHeight {
        for column in 0..<outWidth {
          let result = ((n * outHeight + row) * outWidth + column) * outputs
          for i in 0..<window.kernelHeight {
            let h = row * window.strideHeight + i * window.dilationHeight - window.top
            guard h >= 0, h < height else { continue }
            for j in 0..<window.kernelWidth {
              let w = column * window.strideWidth + j * window.dilationWidth - window.left
              guard w >= 0, w < width else { continue }
              let image = ((n * height + h) * width + w) * channels
              let weight = (i * window.kernelWidth + j) * groupInputs * outputs
              for c in 0..<groupInputs {
                for o in 0..<outputs {
                  body(image + o / groupOutputs * groupInputs + c, result + o, weight + c * outputs + o)
                }
              }
            }
          }
        }
      }
    }
  }
}

/// Convolution of images [n, height, width, channels] with weights [height, width, channels / groups, outputs].
public func convolve(
  _ images: Value, _ weights: Value, stride: (Int, Int) = (1, 1), padding: Padding = .valid,
  dilation: (Int, Int) = (1, 1), groups: Int = 1
) -> Value {
  guard images.shape.rank == 4, weights.shape.rank == 4 else {
    return record(.convolution(Convolution(Window(kernel: (1, 1)), groups: groups)), images, weights)
  }
  let window = Window(
    kernel: (weights.shape[0], weights.shape[1]), stride: stride, padding: padding, dilation: dilation,
    height: images.shape[1], width: images.shape[2])
  return record(.convolution(Convolution(window, groups: groups)), images, weights)
}
