import NunchiImages
import Testing

/// Against weather that darkens, adds contrast, or is not the same twice.
@Suite struct WeatherTests {
  private static let weather: [any Transform] = [Clouds(), Fog(), Snowflakes(), SnowyLandscape(), Rain()]

  /// The stronger, the brighter; and the less contrast there is, that is deviation in relation to the mean.
  @Test(arguments: [1, 3]) func strengthBrightensAndFlattens(channels: Int) {
    let image = garden(width: 160, height: 140, channels: channels)
    for transform in Self.weather {
      for seed in UInt64(0)..<6 {
        var before = moments(image)
        for amount: Float in [0.2, 0.4, 0.6, 0.8, 1] {
          let now = moments(changed(image, transform, amount, seed: seed))
          let name = "\(type(of: transform).name) \(amount) \(seed) \(before) \(now)"
          #expect(now.mean > before.mean, "\(name)")
          #expect(now.deviation / now.mean < before.deviation / before.mean, "\(name)")
          before = now
        }
      }
    }
  }

  /// White cannot get whiter than snow.
  @Test func nothingDarkens() {
    let image = flat(40, width: 64, height: 64)
    for transform in Self.weather {
      let after = changed(image, transform)
      #expect(after.bytes.allSatisfy { $0 >= 40 }, "\(type(of: transform).name)")
    }
  }

  /// Snow lies on what is dark, and colours keep their hue.
  @Test func snowLiesOnTheDark() {
    let pair = Image(width: 2, height: 1, channels: 3, bytes: [40, 60, 20, 190, 200, 180])
    let snowy = changed(pair, with(SnowyLandscape()) { $0.threshold = 150 })
    #expect(snowy[1, 0] == pair[1, 0])
    let ground = snowy[0, 0].map(Int.init)
    #expect(ground[1] > ground[0] && ground[0] > ground[2])
    #expect(abs((ground[1] + ground[2]) / 2 - 100) <= 1)
  }

  /// Flakes are a part of the picture that grows with it, whatever its size.
  @Test func flakesScaleWithThePicture() {
    let shares = [80, 160, 320].map { side in
      let snow = changed(flat(0, width: side, height: side, channels: 1), Snowflakes())
      return Double(snow.bytes.count { $0 > 110 }) / Double(side * side)
    }
    #expect(shares.max()! < 1.6 * shares.min()! && shares.min()! > 0.02, "\(shares)")
  }
}
