import NunchiKernels
import NunchiTensors
import Testing

/// One image of a 3x3 convolution of stride 1 with one pixel of zeros around it, and a gradient of its result.
private struct Chain: CustomStringConvertible {
  let m: Int
  let height: Int
  let width: Int
  let channels: Int
  let outputs: Int
  let image: [Float]
  let weights: [Float]
  let gradient: [Float]

  init(_ m: Int, _ height: Int, _ width: Int, _ channels: Int, _ outputs: Int, _ random: inout RandomStream) {
    (self.m, self.height, self.width, self.channels, self.outputs) = (m, height, width, channels, outputs)
    image = random.numbers(height * width * channels)
    weights = random.numbers(9 * channels * outputs)
    gradient = random.numbers(height * width * outputs)
  }

  var description: String { "F(\(m),3) \(height)x\(width) \(channels) to \(outputs)" }
  var side: Int { m + 2 }
  var down: Int { height.dividedRoundingUp(by: m) }
  var across: Int { width.dividedRoundingUp(by: m) }
  var tiles: Int { down * across }

  var kernel: nk_winograd {
    nk_winograd(
      m: Int32(m), panel: 16, relu: 0, channels: Int64(channels), outputs: Int64(outputs), tile_rows: Int64(down),
      tile_columns: Int64(across), out_rows: Int64(height), out_columns: Int64(width),
      frame_row: (across * m + 2) * channels, y_row: width * outputs, y_pixel: outputs, input_plane: tiles * channels,
      weights_plane: outputs.roundedUp(toMultipleOf: 16) * channels, product_plane: tiles * outputs)
  }

  /// Zero outside of the image.
  func pixel(_ row: Int, _ column: Int, _ c: Int) -> Float {
    (0..<height).contains(row) && (0..<width).contains(column) ? image[(row * width + column) * channels + c] : 0
  }

  func result(_ row: Int, _ column: Int, _ j: Int) -> Float {
    row < height && column < width ? gradient[(row * width + column) * outputs + j] : 0
  }

  /// The image with the zeros around it that the tiles reach.
  var frame: [Float] {
    let (rows, columns) = (down * m + 2, across * m + 2)
    return (0..<rows * columns * channels).map { index in
      pixel(index / channels / columns - 1, index / channels % columns - 1, index % channels)
    }
  }

  /// The magnitudes that pass through the points of every tile: of the image, [channel][tile][point].
  var inputSizes: [[[Double]]] {
    (0..<channels).map { c in
      (0..<tiles).map { tile in
        WinogradTransform.input(m).of { i, j in
          pixel(tile / across * m + i - 1, tile % across * m + j - 1, c)
        }.map(\.size)
      }
    }
  }

  func run(_ table: nk_table) -> [Float] {
    let plane = kernel.weights_plane
    let (source, taps) = (Guarded(weights), Guarded<Float>(count: 9 * plane))
    let points = side * side
    let packed = Guarded<Float>(count: points * plane)
    let (frame, v) = (Guarded(frame), Guarded<Float>(count: points * tiles * channels))
    let (product, y) = (Guarded<Float>(count: points * tiles * outputs), Guarded<Float>(count: gradient.count))
    return withExtendedLifetime((source, frame)) {
      for tap in 0..<9 {
        table.pack(
          source.constant + tap * channels * outputs, outputs, 1, Int64(channels), Int64(outputs), 16,
          taps.pointer + tap * plane)
      }
      table.winograd_weights(Int32(m), taps.constant, Int64(plane), packed.pointer, 0, Int64(plane))
      table.winograd_input([kernel], frame.constant, v.pointer)
      table.winograd_multiply([kernel], v.constant, packed.constant, product.pointer, Int64(tiles))
      table.winograd_output([kernel], product.constant, nil, nil, y.pointer)
      return y.elements
    }
  }

  func runWeightGradient(_ table: nk_table) -> [Float] {
    let (points, size) = (side * side, channels * outputs)
    var kernel = kernel
    kernel.y_row = across * m * outputs
    let whole = (0..<tiles * m * m * outputs).map { index in
      result(index / outputs / (across * m), index / outputs % (across * m), index % outputs)
    }
    let (frame, v) = (Guarded(frame), Guarded<Float>(count: points * tiles * channels))
    let (dy, products) = (Guarded(whole), Guarded<Float>(count: points * tiles * outputs))
    let (sums, taps) = (Guarded<Float>(count: points * size), Guarded<Float>(count: 9 * size))
    return withExtendedLifetime((frame, dy)) {
      table.winograd_input([kernel], frame.constant, v.pointer)
      table.winograd_spread([kernel], dy.constant, products.pointer)
      table.winograd_correlate([kernel], v.constant, products.constant, sums.pointer, Int64(tiles), 0)
      table.winograd_taps(Int32(m), sums.constant, Int64(size), taps.pointer, 0, Int64(size))
      return taps.elements
    }
  }
}

extension Chain {
  /// The direct sum. Each term passes through two lines of three transforms, each also once for what is neglected of
  /// second order, and through the sum over channels; Σ|Aᵀ|·(|G||g||Gᵀ| ⊙ |Bᵀ||d||B|)·|A| is what the roundings
  /// are relative to.
  var expected: Expectation {
    let roundings = [WinogradTransform.input(m), .weights(m), .output(m)].reduce(0) { $0 + 2 * $1.roundings + 1 }
    let inputSizes = inputSizes
    var expected = Expectation(
      values: [Double](repeating: 0, count: gradient.count), bounds: [Double](repeating: 0, count: gradient.count))
    for j in 0..<outputs {
      let weightSizes = (0..<channels).map { c in
        WinogradTransform.weights(m).of { weights[(($0 * 3 + $1) * channels + c) * outputs + j] }.map(\.size)
      }
      for tile in 0..<tiles {
        let points = (0..<side * side).map { point in
          (0..<channels).reduce(0) { $0 + inputSizes[$1][tile][point] * weightSizes[$1][point] }
        }
        for (place, size) in WinogradTransform.output(m).of(points, magnitudes: true).enumerated() {
          let (row, column) = (tile / across * m + place / m, tile % across * m + place % m)
          guard row < height, column < width else { continue }
          let at = (row * width + column) * outputs + j
          expected.bounds[at] = Double(2 * channels + roundings) * unit * size
          expected.values[at] = direct(row, column, j)
        }
      }
    }
    return expected
  }

  private func direct(_ row: Int, _ column: Int, _ j: Int) -> Double {
    var sum = 0.0
    for tap in 0..<9 {
      for c in 0..<channels {
        let x = pixel(row + tap / 3 - 1, column + tap % 3 - 1, c)
        sum += Double(x) * Double(weights[(tap * channels + c) * outputs + j])
      }
    }
    return sum
  }

  /// The direct sum over pixels; Σ|Gᵀ|·(|Bᵀ||d||B| ⊙ |A||dy||Aᵀ|)·|G| is what the roundings are relative to.
  var expectedWeightGradient: Expectation {
    let roundings = [WinogradTransform.input(m), .spread(m), .taps(m)].reduce(0) { $0 + 2 * $1.roundings + 1 }
    let inputSizes = inputSizes
    let count = 9 * channels * outputs
    var expected = Expectation(
      values: [Double](repeating: 0, count: count), bounds: [Double](repeating: 0, count: count))
    for j in 0..<outputs {
      let sizes = (0..<tiles).map { tile in
        WinogradTransform.spread(m).of { result(tile / across * m + $0, tile % across * m + $1, j) }.map(\.size)
      }
      for c in 0..<channels {
        let points = (0..<side * side).map { point in
          (0..<tiles).reduce(0) { $0 + inputSizes[c][$1][point] * sizes[$1][point] }
        }
        for (tap, size) in WinogradTransform.taps(m).of(points, magnitudes: true).enumerated() {
          let at = (tap * channels + c) * outputs + j
          expected.bounds[at] = Double(2 * tiles + roundings) * unit * size
          for pixel in 0..<height * width {
            let (row, column) = (pixel / width, pixel % width)
            expected.values[at] +=
              Double(self.pixel(row + tap / 3 - 1, column + tap % 3 - 1, c)) * Double(gradient[pixel * outputs + j])
          }
        }
      }
    }
    return expected
  }
}

/// All kernels in a row against the sums that they stand for.
@Suite struct WinogradChainTests {
  /// Channels, outputs, height and width: tails of every vector, single tiles, tiles with few results.
  private static let shapes = [
    (1, 1, 4, 4), (1, 17, 5, 6), (8, 15, 4, 7), (15, 8, 9, 5), (16, 16, 8, 8), (17, 1, 7, 3), (24, 40, 6, 9),
    (40, 24, 1, 1), (48, 17, 5, 5), (72, 48, 7, 6), (24, 72, 2, 11),
  ]

  @Test(arguments: [2, 4]) func convolution(_ m: Int) {
    var random = RandomStream(seed: 7, name: "winograd")
    for (channels, outputs, height, width) in Self.shapes {
      let chain = Chain(m, height, width, channels, outputs, &random)
      check("convolution \(chain)", chain.expected) { chain.run($0) }
    }
  }

  @Test(arguments: [2, 4]) func weightGradient(_ m: Int) {
    var random = RandomStream(seed: 8, name: "winograd")
    for (channels, outputs, height, width) in Self.shapes {
      let chain = Chain(m, height, width, channels, outputs, &random)
      check("weight gradient \(chain)", chain.expectedWeightGradient) { chain.runWeightGradient($0) }
    }
  }

  /// What the transforms do to roundings, next to a direct sum of as many terms: at worst, and where roundings are
  /// independent, for the forward convolution and for the weights' gradient.
  @Test func amplification() {
    #expect(WinogradTransform.amplification(2) == (64.0 / 9, 36.0 / 4))
    #expect(WinogradTransform.amplification(4).forward == 256)
    #expect(abs(WinogradTransform.amplification(4).gradient - 177.8) < 0.1)
  }
}
