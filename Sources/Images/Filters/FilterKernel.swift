import NunchiSystem

/// The weights of a linear filter: y(x) = Σ w(d)·v(x + d), with d over a small matrix round each pixel.
///
/// The matrix is not turned, as in OpenCV and in the convolutions of networks: its weights are those of a layer.
package struct FilterKernel: Sendable, Hashable {
  /// Odd, as is `height`: the pixel itself is in the middle.
  package let width: Int
  package let height: Int
  /// `height * width` weights, `[y][x]`.
  package let weights: [Float]

  package init(width: Int, height: Int, weights: [Float]) {
    precondition(width & height & 1 == 1, "a kernel has an odd width and height, got \(width)x\(height)")
    precondition(
      weights.count == width * height,
      "a kernel of \(width)x\(height) has \(width * height) weights, got \(weights.count)")
    (self.width, self.height, self.weights) = (width, height, weights)
  }

  package subscript(x: Int, y: Int) -> Float { weights[y * width + x] }

  /// The matrix with rows and columns exchanged.
  package var transposed: FilterKernel {
    FilterKernel(
      width: height, height: width, weights: (0..<width).flatMap { x in (0..<height).map { self[x, $0] } })
  }

  /// The weights of a convolution that filters each of `channels` channels by itself, in PyTorch's order
  /// `[outputs][inputs][y][x]`.
  package func convolutionWeights(channels: Int = 1) -> [Float] {
    let nothing = [Float](repeating: 0, count: weights.count)
    return (0..<channels).flatMap { output in
      (0..<channels).flatMap { input in input == output ? weights : nothing }
    }
  }
}

extension FilterKernel {
  /// The slope along x, times 8: right less left, smoothed along y.
  package static let sobelX = FilterKernel(width: 3, height: 3, weights: [-1, 0, 1, -2, 0, 2, -1, 0, 1])
  /// The slope along y, times 8: below less above, smoothed along x.
  package static let sobelY = sobelX.transposed
  /// The sum of the four neighbours less four times the pixel.
  package static let laplacian = FilterKernel(width: 3, height: 3, weights: [0, 1, 0, 1, -4, 1, 0, 1, 0])

  /// The mean of `size` x `size` pixels; `size` is odd.
  package static func box(size: Int) -> FilterKernel {
    FilterKernel(width: size, height: size, weights: Array(repeating: 1 / Float(size * size), count: size * size))
  }

  /// One row of a Gaussian that reaches to four deviations, its sum 1: exp(-x² / 2σ²).
  package static func gaussianRow(sigma: Float) -> FilterKernel {
    precondition(sigma >= 0, "a Gaussian has a deviation from 0, got \(sigma)")
    let reach = Int((4 * sigma).rounded(.up))
    let bell = (-reach...reach).map { place in
      place == 0 ? 1 : exp(-0.5 * Double(place * place) / (Double(sigma) * Double(sigma)))
    }
    let sum = bell.reduce(0, +)
    return FilterKernel(width: bell.count, height: 1, weights: bell.map { Float($0 / sum) })
  }

  /// The Gaussian over two axes: the product of its rows.
  package static func gaussian(sigma: Float) -> FilterKernel {
    let row = gaussianRow(sigma: sigma).weights
    return FilterKernel(width: row.count, height: row.count, weights: row.flatMap { y in row.map { $0 * y } })
  }

  /// v + strength · Σ (v - neighbour) over the eight neighbours; its sum is 1.
  package static func sharpen(strength: Float) -> FilterKernel {
    let ring = -strength
    return FilterKernel(
      width: 3, height: 3, weights: [ring, ring, ring, ring, 1 + 8 * strength, ring, ring, ring, ring])
  }

  /// v + strength · (the three neighbours right and below, less the three left and above): light from the upper left makes
  /// relief of slopes. Its sum is 1.
  package static func emboss(strength: Float) -> FilterKernel {
    let light = strength
    return FilterKernel(
      width: 3, height: 3, weights: [-light, -light, 0, -light, 1, light, 0, light, light])
  }
}

extension FilterKernel {
  /// The filter's answer at every sample of `plane`, `[y][x][channel]`; what lies beyond an edge is reflected.
  package func apply(to plane: [Float], _ shape: PictureShape) -> [Float] {
    precondition(
      plane.count == shape.width * shape.height * shape.channels,
      "\(shape.width)x\(shape.height)x\(shape.channels) are not \(plane.count) samples")
    var answer = [Float](repeating: 0, count: plane.count)
    let line = shape.width * shape.channels
    plane.withUnsafeBufferPointer { plane in
      withMargin(max(width, height) / 2, round: plane.baseAddress!, shape) { inside, row in
        answer.withUnsafeMutableBufferPointer { answer in
          for y in 0..<shape.height {
            for place in 0..<weights.count where weights[place] != 0 {
              let (down, right) = (place / width - height / 2, place % width - width / 2)
              let source = inside + (y + down) * row + right * shape.channels
              Self.add(source, times: weights[place], to: answer.baseAddress! + y * line, count: line)
            }
          }
        }
      }
    }
    return answer
  }

  private static func add(
    _ source: UnsafePointer<Float>, times weight: Float, to target: UnsafeMutablePointer<Float>, count: Int
  ) {
    for index in 0..<count { target[index] += weight * source[index] }
  }
}
