import NunchiImages
import Testing

/// Against turned kernels, edges from nowhere, and Gaussians that are not.
@Suite struct FilterTests {
  private let shape = PictureShape(width: 9, height: 7, channels: 1)

  /// 0 left of the middle, 1 from there on.
  private var step: [Float] { (0..<63).map { $0 % 9 < 4 ? 0 : 1 } }

  @Test func sobelOfAStep() {
    let across = ImageFilter.sobelX.response(to: step, shape)
    for (place, value) in across.enumerated() { #expect(value == ([3, 4].contains(place % 9) ? 4 : 0)) }
    #expect(ImageFilter.sobelY.response(to: step, shape).allSatisfy { $0 == 0 })
    #expect(ImageFilter.sobel.response(to: step, shape) == across)
  }

  /// With rows and columns exchanged, Gx and Gy are exchanged.
  @Test func sobelOfATurnedStep() {
    let turned = PictureShape(width: 7, height: 9, channels: 1)
    let samples = (0..<63).map { step[$0 % 7 * 9 + $0 / 7] }
    let down = ImageFilter.sobelY.response(to: samples, turned)
    for (place, value) in down.enumerated() { #expect(value == ([3, 4].contains(place / 7) ? 4 : 0)) }
    #expect(ImageFilter.sobelX.response(to: samples, turned).allSatisfy { $0 == 0 })
  }

  @Test func sobelOfAPicture() {
    let picture = Image(width: 9, height: 7, channels: 1, bytes: step.map { UInt8(200 * $0) })
    let edges = ImageFilter.sobel.apply(to: picture)
    #expect(edges[3, 3] == [200] && edges[4, 0] == [200] && edges[2, 3] == [0] && edges[8, 6] == [0])
    let inverse = changed(picture, Invert())
    #expect(ImageFilter.sobelX.apply(to: inverse) == edges)
  }

  @Test(arguments: [Float(0), 0.5, 1, 3, 5]) func gaussianSumsToOne(sigma: Float) {
    #expect(abs(FilterKernel.gaussianRow(sigma: sigma).weights.reduce(0, +) - 1) < 1e-6)
    #expect(abs(FilterKernel.gaussian(sigma: sigma).weights.reduce(0, +) - 1) < 1e-5)
    let constant = [Float](repeating: 0.7, count: 63)
    #expect(ImageFilter.gaussian(sigma: sigma).response(to: constant, shape).allSatisfy { abs($0 - 0.7) < 1e-5 })
  }

  @Test func gaussianIsSeparable() {
    let shape = PictureShape(width: 20, height: 14, channels: 3)
    let samples = scene(width: 20, height: 14).bytes.map { Float($0) / 255 }
    let rows = ImageFilter.gaussian(sigma: 1.3).response(to: samples, shape)
    let matrix = FilterKernel.gaussian(sigma: 1.3).apply(to: samples, shape)
    #expect(zip(rows, matrix).allSatisfy { abs($0 - $1) < 1e-6 })
  }

  /// Variances add: 3² + 4² = 5².
  @Test func gaussiansCompose() {
    let shape = PictureShape(width: 101, height: 101, channels: 1)
    var dot = [Float](repeating: 0, count: 101 * 101)
    dot[50 * 101 + 50] = 1
    let both = ImageFilter.gaussian(sigma: 4).response(
      to: ImageFilter.gaussian(sigma: 3).response(to: dot, shape), shape)
    let one = ImageFilter.gaussian(sigma: 5).response(to: dot, shape)
    let peak = one.max()!
    #expect(zip(both, one).allSatisfy { abs($0 - $1) < 0.01 * peak })
  }

  /// By hand, at every pixel, with what lies outside reflected: OpenCV's default.
  @Test(arguments: [FilterKernel.sobelX, .sobelY, .laplacian, .emboss(strength: 0.7), .box(size: 5)], [1, 3])
  func agreesWithTheDefinition(kernel: FilterKernel, channels: Int) {
    let image = scene(width: 8, height: 5, channels: channels)
    let shape = PictureShape(width: 8, height: 5, channels: channels)
    let answer = kernel.apply(to: image.bytes.map(Float.init), shape)
    func inside(_ place: Int, _ count: Int) -> Int {
      place < 0 ? -place : place >= count ? 2 * count - 2 - place : place
    }
    for y in 0..<5 {
      for x in 0..<8 {
        for channel in 0..<channels {
          var sum: Float = 0
          for down in 0..<kernel.height {
            for right in 0..<kernel.width {
              let pixel = image[inside(x + right - kernel.width / 2, 8), inside(y + down - kernel.height / 2, 5)]
              sum += kernel[right, down] * Float(pixel[channel])
            }
          }
          #expect(abs(answer[(y * 8 + x) * channels + channel] - sum) < 0.01)
        }
      }
    }
  }

  /// As the weights `[outputs][inputs][y][x]` of a convolution, a kernel answers as it does as a filter.
  @Test func weightsOfAConvolution() {
    let image = scene(width: 7, height: 6)
    let kernel = FilterKernel.emboss(strength: 1)
    let weights = kernel.convolutionWeights(channels: 3)
    #expect(weights.count == 3 * 3 * 9)
    let filtered = kernel.apply(
      to: image.bytes.map(Float.init), PictureShape(width: 7, height: 6, channels: 3))
    for y in 1..<5 {
      for x in 1..<6 {
        for output in 0..<3 {
          var sum: Float = 0
          for input in 0..<3 {
            for place in 0..<9 {
              let sample = image[x + place % 3 - 1, y + place / 3 - 1][input]
              sum += weights[(output * 3 + input) * 9 + place] * Float(sample)
            }
          }
          #expect(abs(filtered[(y * 7 + x) * 3 + output] - sum) < 0.01)
        }
      }
    }
  }

  @Test func smoothingAndSharpeningOfPictures() {
    let image = garden()
    for filter: ImageFilter in [.gaussian(sigma: 2), .box(size: 3)] {
      #expect(moments(filter.apply(to: image)).deviation < moments(image).deviation)
    }
    #expect(moments(ImageFilter.sharpen(strength: 0.5).apply(to: image)).deviation > moments(image).deviation)
    for filter: ImageFilter in [.laplacian, .sobel, .sobelX, .sobelY] {
      #expect(filter.apply(to: flat(90)) == flat(0))
    }
    for filter: ImageFilter in [.sharpen(strength: 1), .emboss(strength: 1), .gaussian(sigma: 0), .box(size: 1)] {
      #expect(filter.apply(to: flat(90)) == flat(90))
    }
  }

  @Test(arguments: [(1, 1), (2, 1), (1, 5)]) func smallPictures(width: Int, height: Int) {
    let image = flat(123, width: width, height: height)
    #expect(ImageFilter.gaussian(sigma: 3).apply(to: image) == image)
    #expect(ImageFilter.box(size: 9).apply(to: image) == image)
  }
}
