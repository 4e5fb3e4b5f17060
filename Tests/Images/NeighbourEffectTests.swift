import NunchiImages
import Testing

/// Against blurs that shift or darken, and kernels on bytes that are not those of the filters.
@Suite struct NeighbourEffectTests {
  @Test func flatPicturesStayAsTheyAre() {
    for transform: any Transform in [Sharpen(), Emboss(), GaussianBlur(), MotionBlur()] {
      for value: UInt8 in [0, 77, 255] { #expect(changed(flat(value), transform) == flat(value)) }
    }
  }

  /// On bytes as in the filters, whose kernels sum to 1.
  @Test(arguments: [1, 3], [Float(0.3), 1]) func sharpenAndEmbossAreTheFilters(channels: Int, amount: Float) {
    let image = garden(channels: channels)
    let pairs: [(any Transform, ImageFilter, FilterKernel)] = [
      (with(Sharpen()) { $0.strength = 0.25 }, .sharpen(strength: 0.25 * amount), .sharpen(strength: 0.25 * amount)),
      (with(Emboss()) { $0.strength = 0.5 }, .emboss(strength: 0.5 * amount), .emboss(strength: 0.5 * amount)),
    ]
    for (transform, filter, kernel) in pairs {
      // The weight in 1/256 of eight differences of at most 255, and rounding.
      #expect(worstDifference(changed(image, transform, amount), filter.apply(to: image)) <= 5)
      #expect(abs(kernel.weights.reduce(0, +) - 1) < 1e-6)
    }
  }

  /// Embossed, a slope is as flat as before and shifted by a constant.
  @Test func embossOfARamp() {
    var slope: [UInt8] = []
    for y in 0..<9 {
      for x in 0..<20 { slope.append(UInt8(60 + 3 * x + 2 * y)) }
    }
    let ramp = Image(width: 20, height: 9, channels: 1, bytes: slope)
    let embossed = changed(ramp, with(Emboss()) { $0.strength = 1 })
    for y in 1..<8 {
      for x in 1..<19 {
        let shift = Int(embossed[x, y][0]) - Int(ramp[x, y][0])
        #expect(shift == 4 * (3 + 2))
      }
    }
  }

  @Test(arguments: [1, 3]) func blurKeepsTheMeanAndLowersTheVariance(channels: Int) {
    let image = garden(channels: channels)
    var deviation = moments(image).deviation
    for amount: Float in [0.25, 0.5, 1] {
      let blurred = moments(changed(image, GaussianBlur(), amount))
      #expect(abs(blurred.mean - moments(image).mean) < 0.5)
      #expect(blurred.deviation < deviation)
      deviation = blurred.deviation
    }
  }

  /// As the filter in Float, but for weights in 1/256 and rounding after each axis.
  @Test(arguments: [Float(0.6), 2, 5]) func blurIsTheFilter(sigma: Float) {
    let image = garden()
    let blurred = changed(image, with(GaussianBlur()) { $0.sigma = sigma })
    #expect(worstDifference(blurred, ImageFilter.gaussian(sigma: sigma).apply(to: image)) <= 4)
  }

  @Test func blursAreCentred() {
    var bytes = [UInt8](repeating: 0, count: 21 * 21)
    bytes[10 * 21 + 10] = 255
    let dot = Image(width: 21, height: 21, channels: 1, bytes: bytes)
    let turned = changed(dot, with(GaussianBlur()) { $0.sigma = 1.5 })
    for y in 0..<21 {
      for x in 0..<21 {
        #expect(turned[x, y] == turned[20 - x, y] && turned[x, y] == turned[x, 20 - y])
        #expect(turned[x, y] == turned[y, x] || abs(Int(turned[x, y][0]) - Int(turned[y, x][0])) <= 1)
      }
    }
    // Moved, a dot is a line of as many pixels as it is long, through where it was.
    let moved = changed(dot, with(MotionBlur()) { $0.length = 8 })
    #expect((6...9).contains(moved.bytes.count { $0 > 0 }) && moved[10, 10][0] > 0)
    #expect(moved.bytes.reversed() == moved.bytes)
  }
}
