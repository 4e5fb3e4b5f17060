import ImageSamples
import NunchiImages
import NunchiTensors
import Testing

/// Against a model that sees other pixels because its pictures were decoded at a reduced scale.
@Suite struct ScaleTests {
  /// Soft hills of light, sharp edges of discs and bars, and grain: what photographs are made of.
  private func photograph(width: Int, height: Int, seed: UInt64) -> Image {
    var stream = RandomStream(seed: seed, name: "photograph")
    let discs = (0..<6).map { _ in
      (
        x: stream.integer(below: width), y: stream.integer(below: height),
        radius: 20 + stream.integer(below: width / 5),
        level: stream.integer(below: 256)
      )
    }
    return Image(width: width, height: height, channels: 3) { pixels in
      var target = pixels
      for y in 0..<height {
        for x in 0..<width {
          let disc = discs.last { ($0.x - x) * ($0.x - x) + ($0.y - y) * ($0.y - y) < $0.radius * $0.radius }
          let isBar = (x + 2 * y) / 24 % 19 == 0
          let noise = stream.integer(below: 49) - 24
          for channel in 0..<3 {
            let hill = 60 + 120 * x / width + 50 * y * (channel + 1) / (3 * height)
            let level = isBar ? 0 : disc.map { ($0.level * (channel + 2) / 4 + hill) / 2 } ?? hill
            target[channel] = UInt8(min(max(level + noise, 0), 255))
          }
          target += 3
        }
      }
    }
  }

  private func scale(_ width: Int, _ height: Int, _ preprocessing: Preprocessing) throws -> DecodingScale {
    let bytes = try Image(
      width: width, height: height, channels: 1, bytes: [UInt8](repeating: 9, count: width * height)
    )
    .encodedJPEG(quality: 50)
    let decoder = ImageDecoder()
    return decoder.scale(of: try decoder.header(of: bytes), for: preprocessing)
  }

  /// Twice the target in both axes of the part that is used, and not a pixel less.
  @Test func theRule() throws {
    let crop = Preprocessing(width: 64, height: 64, rule: .crop)
    #expect(try scale(1024, 1024, crop) == .eighth)
    #expect(try scale(1023, 1024, crop) == .quarter)
    #expect(try scale(1600, 512, crop) == .quarter)
    #expect(try scale(256, 4000, crop) == .half)
    #expect(try scale(255, 4000, crop) == .full)
    let squash = Preprocessing(width: 64, height: 32, rule: .squash)
    #expect(try scale(1024, 511, squash) == .quarter)
    #expect(try scale(255, 4000, squash) == .full)
    // The place of a wide picture inside the square is 64 x 16.
    let pad = Preprocessing(width: 64, height: 64, rule: .pad)
    #expect(try scale(1024, 256, pad) == .eighth)
    #expect(try scale(1023, 256, pad) == .quarter)
  }

  /// The sides of the upright picture count.
  @Test func theRuleOfATurnedPicture() throws {
    let bytes = try photograph(width: 400, height: 300, seed: 2).encodedJPEG()
    let segment = Array("Exif".utf8) + [0, 0] + exif(orientation: 6, bigEndian: true)
    let turned = bytes[..<2] + [0xFF, 0xE1] + bigEndian(segment.count + 2, 2) + segment + bytes[2...]
    let decoder = ImageDecoder()
    let preprocessing = Preprocessing(width: 75, height: 100, rule: .squash)
    #expect(decoder.scale(of: try decoder.header(of: bytes), for: preprocessing) == .full)
    #expect(decoder.scale(of: try decoder.header(of: Array(turned)), for: preprocessing) == .half)
    let image = try decoder.decode(Array(turned), for: preprocessing)
    #expect(image.width == 150 && image.height == 200)
  }

  @Test func onlyJPEGHasScales() throws {
    let png = try scene(width: 64, height: 64).encodedPNG()
    let decoder = ImageDecoder()
    let preprocessing = Preprocessing(width: 4, height: 4)
    #expect(decoder.scale(of: try decoder.header(of: png), for: preprocessing) == .full)
    #expect(try decoder.decode(png, for: preprocessing).width == 64)
  }

  /// What the model sees differs little from what it sees of the picture decoded in full.
  ///
  /// In full a pixel's weight falls along a triangle of half-width s, in pixels, with a slope of 1/s²; reduced, the d
  /// pixels of a block share the mean of their weights. An edge of height h in the middle of a block moves the result by
  /// h (d²/8) / s² at most, and s is 2d or more by the rule: by h/32 in each axis, 16 levels in both for black against
  /// white. In the mean edges are rare and hills are kept; what remains is rounding to eight bits, once more than in full,
  /// a quarter of a level on average, and as much for the rest. A shift by a quarter of the target's pixel, which is what
  /// the last column's missing part would cause, would move the result by h/4.
  @Test(arguments: [(1600, 1200), (1203, 1597)])
  func theDifference(width: Int, height: Int) throws {
    let decoder = ImageDecoder()
    let jpeg = try photograph(width: width, height: height, seed: UInt64(width)).encodedJPEG(quality: 90)
    let whole = try decoder.decode(jpeg)
    for (side, rule) in [(64, ResizeRule.crop), (224, .crop), (64, .squash), (224, .pad)] {
      let preprocessing = Preprocessing(width: side, height: side, rule: rule)
      let reduced = try decoder.decode(jpeg, for: preprocessing)
      #expect(reduced.width < whole.width)
      let (one, other) = (preprocessing.apply(to: whole), preprocessing.apply(to: reduced))
      var sum = 0
      for index in one.bytes.indices { sum += abs(Int(one.bytes[index]) - Int(other.bytes[index])) }
      let mean = Double(sum) / Double(one.bytes.count)
      #expect(mean < 0.5, "\(rule) to \(side): mean \(mean)")
      #expect(worstDifference(one, other) <= 16, "\(rule) to \(side)")
    }
  }
}
