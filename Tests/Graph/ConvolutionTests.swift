import NunchiGraph
import NunchiTensors
import NunchiTestSupport
import Testing

/// A convolution written from its definition over padded images, sharing nothing with the operation.
private func naive(
  _ x: Tensor, _ k: Tensor, stride: (Int, Int), padding: (Int, Int, Int, Int), dilation: (Int, Int), groups: Int
) -> Tensor {
  let (n, h, w, channels) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
  let (kh, kw, inputs, outputs) = (k.shape[0], k.shape[1], k.shape[2], k.shape[3])
  let (images, weights) = (x.floats, k.floats)
  let outHeight = (h + padding.0 + padding.1 - ((kh - 1) * dilation.0 + 1)) / stride.0 + 1
  let outWidth = (w + padding.2 + padding.3 - ((kw - 1) * dilation.1 + 1)) / stride.1 + 1
  func pixel(_ b: Int, _ r: Int, _ c: Int, _ channel: Int) -> Double {
    let (row, column) = (r - padding.0, c - padding.2)
    guard row >= 0, row < h, column >= 0, column < w else { return 0 }
    return Double(images[b * h * w * channels + row * w * channels + column * channels + channel])
  }
  var y: [Float] = []
  for b in 0..<n {
    for r in 0..<outHeight {
      for c in 0..<outWidth {
        for o in 0..<outputs {
          let first = o / (outputs / groups) * inputs
          var sum = 0.0
          for i in 0..<kh {
            for j in 0..<kw {
              for channel in 0..<inputs {
                let value = pixel(b, r * stride.0 + i * dilation.0, c * stride.1 + j * dilation.1, first + channel)
                sum += value * Double(weights[((i * kw + j) * inputs + channel) * outputs + o])
              }
            }
          }
          y.append(Float(sum))
        }
      }
    }
  }
  return Tensor([n, outHeight, outWidth, outputs], y)
}

struct ConvolutionTests {
  /// 200 random problems of every option against seven plain loops.
  @Test func equalsNaiveLoops() throws {
    var stream = RandomStream(seed: 11, name: "convolution problems")
    func pick(_ range: ClosedRange<Int>) -> Int { range.lowerBound + stream.integer(below: range.count) }
    for _ in 0..<200 {
      let groups = pick(1...3)
      let (kernel, dilation) = ((pick(1...4), pick(1...4)), (pick(1...2), pick(1...2)))
      let (stride, padding) = ((pick(1...3), pick(1...3)), (pick(0...2), pick(0...2), pick(0...2), pick(0...2)))
      let x: Shape = [
        pick(1...3), (kernel.0 - 1) * dilation.0 + pick(1...6), (kernel.1 - 1) * dilation.1 + pick(1...6),
        groups * pick(1...3),
      ]
      let k: Shape = [kernel.0, kernel.1, x[3] / groups, groups * pick(1...3)]
      let (images, weights) = (Tensor.random(x, seed: 1), Tensor.random(k, seed: 2))
      let graph = try trace(.inference) { tracer in
        let y = convolve(
          tracer.input("x", x), tracer.input("k", k, batched: false), stride: stride,
          padding: .explicit(top: padding.0, bottom: padding.1, left: padding.2, right: padding.3),
          dilation: dilation, groups: groups)
        tracer.output("y", y)
      }
      let executor = ReferenceExecutor<Float>(
        inputs: ["x": ReferenceArray(images), "k": ReferenceArray(weights)], parameters: [:])
      let expected = naive(images, weights, stride: stride, padding: padding, dilation: dilation, groups: groups)
      let length = k[0] * k[1] * k[2]
      let difference = executor.run(graph).outputs["y"]!.difference(
        from: ReferenceArray<Float>(expected), Tolerance(sumOf: length + 1, scale: Double(length)))
      #expect(
        difference == nil, "x \(x) k \(k) stride \(stride) padding \(padding) dilation \(dilation) groups \(groups)")
    }
  }

  /// TensorFlow's rule: ⌈extent / stride⌉ results, the odd pixel after the image.
  @Test(arguments: [(5, 2, 3), (6, 2, 3), (7, 3, 3), (4, 1, 2), (1, 4, 5)])
  func samePadding(extent: Int, stride: Int, kernel: Int) {
    let window = Window(
      kernel: (kernel, kernel), stride: (stride, stride), padding: .same, height: extent, width: extent)
    #expect(window.output(height: extent, width: extent).height == (extent + stride - 1) / stride)
    #expect(window.bottom - window.top == (window.top + window.bottom) % 2)
  }
}
