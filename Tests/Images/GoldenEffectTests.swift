import NunchiImages
import Testing

/// Against effects that change without anyone noticing. The sheet of all effects was looked at when these were written.
@Suite struct GoldenEffectTests {
  /// All but `jpeg`, which is as the library of the machine is.
  private static let fingerprints: [String: UInt64] = [
    "brighten": 0xA56113AEA96A1CF3,
    "clouds": 0x1F5D077E07B136F6,
    "coarse-dropout": 0x34638E277D0048D2,
    "coarse-salt": 0x331197963C51CB92,
    "contrast": 0x60291BB5B5CB659E,
    "emboss": 0x150F4E4FC7E8E356,
    "erase": 0x93D879AE7F630375,
    "fog": 0x291703B9E2D652D3,
    "gamma-contrast": 0x9614CB94CCFB51C5,
    "gaussian-blur": 0x16B0361653DD94CC,
    "grayscale": 0x69D38404B5096B4C,
    "hue": 0x84453561D8DB7698,
    "invert": 0xB057389FDB1355DF,
    "motion-blur": 0x0510A914776F5F00,
    "noise": 0x4AF9A130E37E577C,
    "posterise": 0xE3DA33262C9E7C4D,
    "rain": 0xD0F8B14F6EB45CEC,
    "saturation": 0x30BC280776388D06,
    "sharpen": 0x327435442F41DFF1,
    "snowflakes": 0x8736C31F9689FD00,
    "snowy-landscape": 0x898B10B258D6D76F,
    "solarise": 0x82D6EE6D889E0E44,
    "superpixel": 0x34BD4F7C7115FA3B,
  ]

  @Test func sameBytesAsWhenLookedAt() throws {
    for (name, expected) in Self.fingerprints {
      let transform = try #require(Transforms.named(name))
      let found = fingerprint(changed(garden(width: 48, height: 40), transform.base, 0.75))
      #expect(found == expected, "\(name): 0x\(String(found, radix: 16, uppercase: true))")
    }
    #expect(Self.fingerprints.count == effects.count - 1)
  }
}
