import NunchiImages
import Testing

/// Against samples that wrap, tables that are not monotone, and colours that lose their gray.
@Suite struct ToneEffectTests {
  private let ramp = Image(width: 256, height: 1, channels: 1, bytes: Array(0...255))

  @Test func brightenClipsAndDoesNotWrap() {
    let lighter = changed(ramp, with(Brighten()) { $0.share = 0.5 }, 1)
    #expect(lighter.bytes[100] == 150 && lighter.bytes[170] == 255 && lighter.bytes[255] == 255)
    #expect(lighter.bytes == lighter.bytes.sorted())
    let darker = changed(ramp, with(Brighten()) { $0.share = 1 }, -1)
    #expect(darker.bytes.allSatisfy { $0 == 0 })
  }

  @Test func gamma() {
    #expect(GammaContrast.table(gamma: 1) == Array(0...255))
    let transform = with(GammaContrast()) { $0.gamma = 2 }
    #expect(changed(ramp, transform, 1).bytes[128] == 64)
    #expect(changed(ramp, transform, -1).bytes[64] == 128)
    for amount: Float in [-1, -0.3, 0.3, 1] {
      let bytes = changed(ramp, transform, amount).bytes
      #expect(bytes == bytes.sorted() && bytes.first == 0 && bytes.last == 255)
    }
  }

  @Test func invertTwiceIsIdentity() {
    let image = scene(width: 13, height: 7)
    #expect(changed(image, Invert()).bytes[5] == 255 - image.bytes[5])
    #expect(changed(changed(image, Invert()), Invert()) == image)
  }

  @Test func solariseTurnsTheLightest() {
    let bytes = changed(ramp, with(Solarise()) { $0.reach = 100 }).bytes
    #expect(bytes[155] == 155 && bytes[156] == 99 && bytes[255] == 0)
    let all = changed(ramp, with(Solarise()) { $0.reach = 256 })
    #expect(all == changed(ramp, Invert()))
  }

  @Test func posteriseClearsBits() {
    let bytes = changed(ramp, with(Posterise()) { $0.bits = 5 }).bytes
    #expect(Set(bytes).count == 8 && bytes[200] == 192)
    #expect(Set(changed(ramp, with(Posterise()) { $0.bits = 5 }, 0.4).bytes).count == 64)
  }

  @Test func coloursKeepTheirGray() {
    let image = garden()
    let gray = image.converted(toChannels: 1)
    #expect(changed(image, Grayscale()) == gray.converted(toChannels: 3))
    for transform: any Transform in [with(Saturation()) { $0.share = 0.3 }, Saturation()] {
      let other = changed(image, transform, -1).converted(toChannels: 1)
      #expect(worstDifference(other, gray) <= 1)
    }
    // Mild colours, so that nothing is clipped.
    let mild = changed(image, with(Saturation()) { $0.share = 0.7 }, -1)
    #expect(worstDifference(changed(mild, Hue(), 1).converted(toChannels: 1), mild.converted(toChannels: 1)) <= 2)
  }

  @Test func grayHasNoHue() {
    let image = garden(channels: 1)
    for transform: any Transform in [Hue(), Saturation(), Grayscale()] {
      #expect(changed(image, transform) == image)
      #expect(changed(image.converted(toChannels: 3), transform) == image.converted(toChannels: 3))
    }
  }

  /// A third of the circle, three times, is the way round.
  @Test func hueGoesRound() {
    let mild = changed(garden(), with(Saturation()) { $0.share = 0.7 }, -1)
    let third = with(Hue()) { $0.degrees = 120 }
    let once = changed(mild, third)
    #expect(worstDifference(once, mild) > 20)
    #expect(worstDifference(changed(changed(once, third), third), mild) <= 3)
    #expect(worstDifference(changed(once, third, -1), mild) <= 2)
  }
}
