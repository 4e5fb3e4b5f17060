/// A filter of textbooks, as a value: for looking at pictures, and for showing what the kernels of a network can be.
package enum ImageFilter: Sendable, Hashable {
  /// √(Gx² + Gy²): how steep the picture is, whichever way.
  case sobel
  case sobelX
  case sobelY
  case gaussian(sigma: Float)
  /// The mean of `size` x `size` pixels; `size` is odd.
  case box(size: Int)
  case laplacian
  case sharpen(strength: Float)
  case emboss(strength: Float)

  /// The kernels, applied each to the result of the one before; those of `sobel` stand side by side.
  package var kernels: [FilterKernel] {
    switch self {
    case .sobel: [.sobelX, .sobelY]
    case .sobelX: [.sobelX]
    case .sobelY: [.sobelY]
    case .gaussian(let sigma): [.gaussianRow(sigma: sigma), .gaussianRow(sigma: sigma).transposed]
    case .box(let size): [.box(size: size)]
    case .laplacian: [.laplacian]
    case .sharpen(let strength): [.sharpen(strength: strength)]
    case .emboss(let strength): [.emboss(strength: strength)]
    }
  }

  /// The answer at every sample, unrounded: `[y][x][channel]`.
  package func response(to samples: [Float], _ shape: PictureShape) -> [Float] {
    switch self {
    case .sobel:
      zip(FilterKernel.sobelX.apply(to: samples, shape), FilterKernel.sobelY.apply(to: samples, shape))
        .map { ($0 * $0 + $1 * $1).squareRoot() }
    case .sobelX, .sobelY, .gaussian, .box, .laplacian, .sharpen, .emboss:
      kernels.reduce(samples) { $1.apply(to: $0, shape) }
    }
  }

  /// The answer as a picture. Slopes are shown by their size, a quarter of it for Sobel's, so that a step from black to
  /// white is white.
  package func apply(to image: Image) -> Image {
    let shape = PictureShape(width: image.width, height: image.height, channels: image.channels)
    let answer = response(to: image.bytes.map(Float.init), shape)
    let scale: Float? =
      switch self {
      case .sobel, .sobelX, .sobelY: 0.25
      case .laplacian: 1
      case .gaussian, .box, .sharpen, .emboss: nil
      }
    return Image(
      width: image.width, height: image.height, channels: image.channels,
      bytes: answer.map { value in
        UInt8(min(max((scale.map { abs(value) * $0 } ?? value).rounded(), 0), 255))
      })
  }
}
