import NunchiImages
import Testing

/// Against noise with a trend, and shares and sizes that are not those asked for.
@Suite struct SpotEffectTests {
  @Test(arguments: [Float(2), 10, 25]) func noiseHasMeanZeroAndItsDeviation(deviation: Float) {
    let gray = flat(128, width: 200, height: 150)
    let noisy = changed(gray, with(Noise()) { $0.deviation = deviation })
    let found = moments(noisy.bytes.map { Float($0) - 128 })
    #expect(abs(found.mean) < 0.02 * deviation)
    #expect(abs(found.deviation - deviation) < 0.05 * deviation)
    // Neighbours and channels know nothing of each other.
    let samples = noisy.bytes.map { Float($0) - 128 }
    for distance in [1, 2, 3, 8, 600] {
      let product = zip(samples, samples.dropFirst(distance)).reduce(Float(0)) { $0 + $1.0 * $1.1 }
      #expect(abs(product / Float(samples.count - distance)) < 0.03 * deviation * deviation)
    }
  }

  /// Two thirds of a normal distribution lie within its deviation, one in 20 beyond two.
  @Test func noiseIsNormal() {
    let noisy = changed(flat(128, width: 200, height: 150), with(Noise()) { $0.deviation = 20 })
    let away = noisy.bytes.map { abs(Int($0) - 128) }
    #expect(abs(Double(away.count { $0 <= 20 }) / Double(away.count) - 0.694) < 0.01)
    #expect(abs(Double(away.count { $0 > 40 }) / Double(away.count) - 0.0428) < 0.005)
  }

  @Test(arguments: [(Float(0.1), 4, 1), (0.3, 3, 3), (0.05, 1, 3)]) func saltHasItsShareAndSize(
    share: Float, size: Int, channels: Int
  ) {
    let image = flat(90, width: 120, height: 96, channels: channels)
    let salted = changed(
      image,
      with(CoarseSalt()) {
        $0.share = share
        $0.size = Float(size)
      })
    let white = salted.bytes.count { $0 == 255 }
    #expect(abs(Float(white) / Float(salted.bytes.count) - share) < 0.01)
    #expect(salted.bytes.allSatisfy { $0 == 255 || $0 == 90 })
    for y in stride(from: 0, to: 96, by: size) {
      for x in stride(from: 0, to: 120, by: size) {
        let corner = salted[x, y]
        for down in 0..<size { for right in 0..<size { #expect(salted[x + right, y + down] == corner) } }
      }
    }
  }

  @Test func dropoutIsBlack() {
    let dropped = changed(flat(90, width: 80, height: 80, channels: 1), CoarseDropout())
    #expect(dropped.bytes.count { $0 == 0 } == 15 * 64)
    #expect(dropped.bytes.count { $0 == 90 } == 85 * 64)
  }

  /// One rectangle in one colour, of the area asked for, anywhere inside.
  @Test func eraseIsOneRectangle() {
    let image = flat(90, width: 100, height: 80, channels: 1)
    var corners = Set<Int>()
    for seed in UInt64(0)..<20 {
      let erased = changed(image, with(Erase()) { $0.share = 0.2 }, seed: seed)
      let places = erased.bytes.indices.filter { erased.bytes[$0] != 90 }
      if places.isEmpty { continue }
      let (columns, rows) = (places.map { $0 % 100 }, places.map { $0 / 100 })
      let (width, height) = (columns.max()! - columns.min()! + 1, rows.max()! - rows.min()! + 1)
      #expect(width * height == places.count && Set(places.map { erased.bytes[$0] }).count == 1)
      #expect(abs(places.count - 1600) < 100 || width == 100 || height == 80)
      corners.insert(places[0])
    }
    #expect(corners.count > 15)
  }

  /// The lower the quality, the further from the picture.
  @Test func jpegGetsWorse() {
    let image = garden()
    let errors = [Float(0.2), 0.6, 1].map { amount in
      moments(zip(changed(image, JPEGArtefacts(), amount).bytes, image.bytes).map { abs(Float($0) - Float($1)) }).mean
    }
    #expect(errors[0] > 0 && errors[0] < errors[1] && errors[1] < errors[2])
  }
}
