import NunchiKernels
import NunchiTensors
import Testing

/// One row of a depthwise convolution, forward or for the weights' gradient: shape, operands, and the answer.
private struct Row: CustomStringConvertible {
  let pixels, channels, taps: Int
  let xPixel, yPixel: Int
  let starts, biased, relu: Bool
  let xOffsets: [Int]
  let weightOffsets: [Int]
  let x: [Float]
  let weights: [Float]
  let bias: [Float]
  /// Forward the start, with gaps between pixels; backward the gradient, whose pixels follow each other.
  let y: [Float]
  let dy: [Float]
  let sums: [Float]

  var description: String {
    "depthwise pixels\(pixels) channels\(channels) taps\(taps) strides \(xPixel) \(yPixel)"
      + "\(starts ? " start" : "")\(biased ? " bias" : "")\(relu ? " relu" : "")"
  }

  /// The taps of a kernel over a frame: kernel, stride and dilation along both axes.
  init(
    pixels: Int, channels: Int, kernel: (Int, Int), stride: Int, dilation: Int = 1, gap: Int = 0,
    _ random: inout RandomStream
  ) {
    (self.pixels, self.channels, taps) = (pixels, channels, kernel.0 * kernel.1)
    (xPixel, yPixel) = (stride * channels, channels + gap)
    (starts, biased, relu) = (random.flip(0.3), random.flip(0.5), random.flip(0.5))
    let width = (pixels - 1) * stride + max(kernel.1 - 1, 0) * dilation + 1
    xOffsets = (0..<kernel.0).flatMap { i in
      (0..<kernel.1).map { j in (i * dilation * width + j * dilation) * channels }
    }
    weightOffsets = random.permutation(taps).map { $0 * channels }
    // The arrays end with the last element that the shape names.
    x = random.numbers(taps == 0 ? 0 : xOffsets.max()! + (pixels - 1) * xPixel + channels)
    weights = random.numbers(taps * channels)
    bias = random.numbers(channels)
    y = random.numbers((pixels - 1) * yPixel + channels)
    dy = random.numbers(pixels * channels)
    sums = random.numbers(taps * channels)
  }

  private func append(_ terms: [(Float, Float)], start: Float, bias: Float?, relu: Bool, to expected: inout Expectation)
  {
    var (sum, size) = (Double(start), abs(Double(start)))
    for (a, b) in terms {
      sum += Double(a) * Double(b)
      size += abs(Double(a) * Double(b))
    }
    if let bias { (sum, size) = (sum + Double(bias), size + abs(Double(bias))) }
    expected.append(relu ? max(sum, 0) : sum, within: Double(2 * terms.count + 2) * unit * size)
  }

  func terms(_ pixel: Int, _ channel: Int) -> [(Float, Float)] {
    (0..<taps).map { (x[xOffsets[$0] + pixel * xPixel + channel], weights[weightOffsets[$0] + channel]) }
  }

  var result: Expectation {
    var expected = Expectation()
    for index in y.indices {
      let (pixel, channel) = (index / yPixel, index % yPixel)
      guard channel < channels else {
        expected.append(Double(y[index]), within: 0)
        continue
      }
      append(
        terms(pixel, channel), start: starts ? y[index] : 0, bias: biased ? bias[channel] : nil, relu: relu,
        to: &expected)
    }
    return expected
  }

  func gradientTerms(_ tap: Int, _ channel: Int) -> [(Float, Float)] {
    (0..<pixels).map { (x[xOffsets[tap] + $0 * xPixel + channel], dy[$0 * channels + channel]) }
  }

  var gradient: Expectation {
    var expected = Expectation()
    for index in sums.indices {
      append(
        gradientTerms(index / channels, index % channels), start: starts ? sums[index] : 0, bias: nil, relu: false,
        to: &expected)
    }
    return expected
  }

  func run(_ table: nk_table) -> [Float] {
    let (x, weights, bias, y) = (Guarded(x), Guarded(weights), Guarded(bias), Guarded(y))
    let (xOffsets, weightOffsets) = (Guarded(xOffsets), Guarded(weightOffsets))
    var row = nk_depthwise(
      x: x.constant, x_offsets: xOffsets.constant, x_pixel: xPixel, weights: weights.constant,
      weight_offsets: weightOffsets.constant, y: y.pointer, start: starts ? y.constant : nil, y_pixel: yPixel,
      bias: biased ? bias.constant : nil, pixels: Int64(pixels), channels: Int64(channels), taps: Int64(taps),
      relu: relu ? 1 : 0)
    return withExtendedLifetime((x, weights, bias, xOffsets, weightOffsets)) {
      table.depthwise(&row)
      return y.elements
    }
  }

  func runGradient(_ table: nk_table) -> [Float] {
    let (x, dy, sums, offsets) = (Guarded(x), Guarded(dy), Guarded(sums), Guarded(xOffsets))
    var row = nk_depthwise_sums(
      x: x.constant, x_offsets: offsets.constant, x_pixel: xPixel, dy: dy.constant, sums: sums.pointer,
      pixels: Int64(pixels), channels: Int64(channels), taps: Int64(taps), accumulate: starts ? 1 : 0)
    return withExtendedLifetime((x, dy, offsets)) {
      table.depthwise_gradient(&row)
      return sums.elements
    }
  }
}

@Suite struct DepthwiseTests {
  private func check(_ row: Row) {
    KernelsTests.check("\(row)", row.result) { row.run($0) }
    KernelsTests.check("\(row) gradient", row.gradient) { row.runGradient($0) }
  }

  @Test func matchesThePlainLoop() {
    var random = RandomStream(seed: 1, name: "depthwise")
    for _ in 0..<150 {
      let kernel = (random.integer(in: 1...5), random.integer(in: 1...5))
      check(
        Row(
          pixels: random.integer(in: 1...45), channels: random.integer(in: 1...70), kernel: kernel,
          stride: random.integer(in: 1...3), dilation: random.integer(in: 1...2), gap: random.integer(in: 0...40),
          &random))
    }
  }

  /// Every height of a tile with every tail of channels.
  @Test func everyTileAndTail() {
    var random = RandomStream(seed: 2, name: "depthwise")
    for channels in 1...50 {
      check(Row(pixels: 1 + channels % 30, channels: channels, kernel: (3, 3), stride: 1, &random))
    }
    for pixels in 1...30 { check(Row(pixels: pixels, channels: 33, kernel: (1, pixels), stride: 2, &random)) }
  }

  /// A phase of an input's gradient that no tap reaches.
  @Test func withoutTapsOnlyStartAndBiasRemain() {
    var random = RandomStream(seed: 3, name: "depthwise")
    for _ in 0..<8 { check(Row(pixels: 5, channels: 19, kernel: (0, 0), stride: 1, gap: 2, &random)) }
  }

  @Test func everyElementIsOneChain() {
    var random = RandomStream(seed: 4, name: "depthwise")
    func chain(_ terms: [(Float, Float)], _ start: Float, fused: Bool) -> Float {
      terms.reduce(start) { sum, term in fused ? sum.addingProduct(term.0, term.1) : sum + term.0 * term.1 }
    }
    for kernel in [(3, 3), (5, 5), (7, 7)] {
      let row = Row(pixels: 37, channels: 21, kernel: kernel, stride: 1, &random)
      for table in tables {
        let fused = table.fused_multiply_add == 1
        let (y, sums) = (row.run(table), row.runGradient(table))
        for index in stride(from: 0, to: y.count, by: 5) {
          let channel = index % row.channels
          var value = chain(row.terms(index / row.channels, channel), row.starts ? row.y[index] : 0, fused: fused)
          if row.biased { value += row.bias[channel] }
          #expect(y[index] == (row.relu && value < 0 ? 0 : value), "\(row) at \(index)")
        }
        for index in stride(from: 0, to: sums.count, by: 5) {
          let terms = row.gradientTerms(index / row.channels, index % row.channels)
          #expect(sums[index] == chain(terms, row.starts ? row.sums[index] : 0, fused: fused), "\(row) sum \(index)")
        }
      }
    }
  }
}
