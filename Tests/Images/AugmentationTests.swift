import NunchiImages
import NunchiTensors
import Testing

/// Against augmentation that depends on who asks, blurs what it leaves alone, or favours one of its parts.
@Suite struct AugmentationTests {
  private let image = scene(width: 21, height: 15)
  private var shape: PictureShape { PictureShape(width: 21, height: 15, channels: 3) }

  private func changed(_ text: String, seed: UInt64 = 1, identity: String = "a.jpg", epoch: Int = 0) throws -> Image {
    try Augmentation(parsing: text).draw(shape, seed: seed, identity: identity, epoch: epoch).apply(to: image)
  }

  @Test func noneLeavesEveryByte() {
    for epoch in 0..<5 {
      let draw = Augmentation.none.draw(shape, seed: 3, identity: "a.jpg", epoch: epoch)
      #expect(draw.isIdentity)
      #expect(draw.apply(to: image) == image)
    }
  }

  @Test func sameKeySameBytes() {
    func bytes(_ seed: UInt64, _ identity: String, _ epoch: Int, _ occurrence: Int = 0) -> Image {
      Augmentation.light.draw(shape, seed: seed, identity: identity, epoch: epoch, occurrence: occurrence).apply(
        to: image)
    }
    let one = bytes(1, "Train/Mask/a.jpg", 4)
    #expect(one == bytes(1, "Train/Mask/a.jpg", 4))
    #expect(one != bytes(2, "Train/Mask/a.jpg", 4))
    #expect(one != bytes(1, "Train/Mask/b.jpg", 4))
    #expect(one != bytes(1, "Train/Mask/a.jpg", 5))
    #expect(one != bytes(1, "Train/Mask/a.jpg", 4, 1))
  }

  /// One thread in order, sixteen at once, and backwards give the same bytes for every preset.
  @Test(arguments: Augmentation.presets.map(\.name))
  func threadsAndOrderDoNotShow(name: String) async throws {
    let augmentation = try Augmentation(parsing: name)
    @Sendable func bytes(_ index: Int) -> Image {
      augmentation.draw(shape, seed: 5, identity: "\(index % 40).jpg", epoch: index / 40).apply(to: image)
    }
    let expected = (0..<80).map(bytes)
    let backwards = (0..<80).reversed().map(bytes)
    #expect(backwards == expected.reversed())
    let parallel = await withTaskGroup(of: [(Int, Image)].self, returning: [Int: Image].self) { group in
      for worker in 0..<16 { group.addTask { stride(from: worker, to: 80, by: 16).map { ($0, bytes($0)) } } }
      var all: [Int: Image] = [:]
      for await part in group { for (index, image) in part { all[index] = image } }
      return all
    }
    #expect((0..<80).allSatisfy { parallel[$0] == expected[$0] })
  }

  /// Changing one part's bounds, or how often it happens, leaves the others' numbers alone.
  @Test func partsDrawForThemselves() throws {
    func moves(_ first: String) throws -> [Geometry] {
      let augmentation = try Augmentation(parsing: "\(first), translate-x(share: 0.3), translate-y(share: 0.3)")
      return (0..<20).map { augmentation.draw(shape, seed: 2, identity: "x", epoch: $0).geometry }
    }
    let plain = try moves("brighten(share: 0.1)")
    #expect(Set(plain).count == 20)
    for first in [
      "brighten(share: 0.9)", "sometimes(0.5, contrast)", "sometimes(0, perspective)",
      "one-of(brighten, sequence(contrast, brighten))",
    ] {
      #expect(try moves(first) == plain)
    }
  }

  /// The widest draws reach the bounds of `light` and none passes them.
  @Test func lightKeepsItsBounds() {
    let wide = PictureShape(width: 101, height: 51, channels: 1)
    var (left, turned, highest, flips) = (0.0, 0.0, 0.0, 0)
    for epoch in 0..<2000 {
      let geometry = Augmentation.light.draw(wide, seed: 9, identity: "x", epoch: epoch).geometry
      let (centre, right) = (geometry.move(Point(50, 25)), geometry.move(Point(60, 25)))
      left = max(left, abs(centre.x - 50) / 101)
      highest = max(highest, abs(centre.y - 25) / 51)
      turned = max(turned, abs(right.y - centre.y) / 10)
      if right.x < centre.x { flips += 1 }
      let length = ((right.x - centre.x) * (right.x - centre.x) + (right.y - centre.y) * (right.y - centre.y))
      #expect(abs(length.squareRoot() - 10) < 1e-6, "light changes no size")
    }
    #expect((0.099...0.1).contains(left) && (0.099...0.1).contains(highest))
    #expect((0.172...0.17365).contains(turned), "the sine of 10 degrees is 0.17365")
    #expect(abs(Double(flips - 1000)) < 3.3 * 500.0.squareRoot())
  }

  // MARK: - Frequencies

  /// How often each of four pictures arises: unchanged, flipped sideways, upside down, both.
  private func counts(_ text: String, of draws: Int = 4000) throws -> [Double] {
    let augmentation = try Augmentation(parsing: text)
    var counts = [Double](repeating: 0, count: 4)
    for index in 0..<draws {
      let corner = augmentation.draw(shape, seed: 11, identity: "\(index)", epoch: 0).geometry.move(Point(0, 0))
      counts[(corner.x == 0 ? 0 : 1) + (corner.y == 0 ? 0 : 2)] += 1
    }
    return counts
  }

  private func chiSquare(_ counts: [Double], _ weights: [Double]) -> Double {
    let share = counts.reduce(0, +) / weights.reduce(0, +)
    var sum = 0.0
    for (count, weight) in zip(counts, weights) {
      let expected = share * weight
      let miss = count - expected
      sum += expected > 0 ? miss * miss / expected : count > 0 ? .infinity : 0
    }
    return sum
  }

  private static let combinations: [(String, [Double])] = [
    ("sequence(flip-horizontal(1), flip-vertical(1))", [0, 0, 0, 1]),
    ("one-of(flip-horizontal, flip-vertical)", [0, 0.5, 0.5, 0]),
    ("one-of(flip-horizontal, 2 * flip-vertical, 0.5 * sequence(flip-horizontal, flip-vertical))", [0, 2, 4, 1]),
    ("some-of(0..2, flip-horizontal, flip-vertical)", [2, 1, 1, 2]),
    ("some-of(1, flip-horizontal, flip-vertical, flip-horizontal)", [0, 2, 1, 0]),
    ("sometimes(0.3, flip-horizontal), flip-vertical(0.6)", [0.28, 0.12, 0.42, 0.18]),
    ("sometimes(0.25, flip-horizontal, flip-vertical)", [3, 0, 0, 1]),
  ]

  /// The chance that a right program passes a bound of 16.27 (three degrees of freedom) is 0.001.
  @Test(arguments: combinations)
  func frequencies(text: String, weights: [Double]) throws {
    #expect(chiSquare(try counts(text), weights) < 16.27)
  }

  /// The helper finds a coin that falls 45 to 55.
  @Test func chiSquareCanFail() throws {
    #expect(chiSquare(try counts("flip-horizontal(0.55)"), [0.5, 0.5, 0, 0]) > 16.27)
    #expect(chiSquare([1, 1, 1, 1], [0.5, 0.5, 0, 0]) == .infinity)
  }

  // MARK: - Order

  /// Geometry comes first and is one resampling, whatever stands between; then samples change in their order.
  @Test func geometryComesFirst() {
    var (mixed, sorted) = (Augmentation.Draw(shape), Augmentation.Draw(shape))
    let turn = Change.projective(ProjectiveMap(degrees: 20, about: shape.centre))
    let move = Change.projective(ProjectiveMap(moveX: 2.5, moveY: -1))
    let inverted = Change.table((0..<256).map { UInt8(255 - $0) })
    let halved = Change.table((0..<256).map { UInt8($0 / 2) })
    for change in [turn, inverted, move, halved] { mixed.add(change) }
    for change in [turn, move, inverted, halved] { sorted.add(change) }
    #expect(mixed.apply(to: image) == sorted.apply(to: image))
    var moved = Augmentation.Draw(shape)
    moved.add(turn)
    moved.add(move)
    #expect(sorted.apply(to: image).bytes == moved.apply(to: image).bytes.map { (255 - $0) / 2 })
  }

  /// Tables for all channels and for each join in either order; a change of pixels between them parts them.
  @Test func tablesJoin() {
    let each = (0..<768).map { UInt8(($0 & 255) >> ($0 >> 8)) }
    let all = (0..<256).map { UInt8(255 - $0) }
    func expected(_ body: (Int, Int) -> Int) -> [UInt8] {
      image.bytes.enumerated().map { UInt8(body($0.offset % 3, Int($0.element))) }
    }
    func result(_ changes: Change...) -> [UInt8] {
      var draw = Augmentation.Draw(shape)
      for change in changes { draw.add(change) }
      return draw.apply(to: image).bytes
    }
    #expect(result(.table(each), .table(all)) == expected { 255 - ($1 >> $0) })
    #expect(result(.table(all), .table(each)) == expected { (255 - $1) >> $0 })
    #expect(result(.table(each), .table(each)) == expected { $1 >> (2 * $0) })
    let firstPixel = Change.pixels { $0.samples[0] = 7 }
    #expect(result(.table(all), firstPixel).first == 7)
    #expect(result(firstPixel, .table(all)).first == 248)
    #expect(Array(result(firstPixel, .table(all)).dropFirst()) == Array(expected { 255 - $1 }.dropFirst()))
  }

  @Test func toneKeepsTheMeanOrMovesIt() {
    let gray = Image(width: 4, height: 1, channels: 1, bytes: [100, 110, 120, 130])
    func result(_ tones: Tone...) -> [UInt8] {
      var draw = Augmentation.Draw(PictureShape(width: 4, height: 1, channels: 1))
      for tone in tones { draw.add(.tone(tone)) }
      return draw.apply(to: gray).bytes
    }
    #expect(result(Tone(contrast: 2)) == [85, 105, 125, 145])
    #expect(result(Tone(brightness: 1.5)) == [150, 165, 180, 195])
    #expect(result(Tone(brightness: 3)) == [255, 255, 255, 255])
    #expect(result(Tone(brightness: 1.5), Tone(contrast: 2)) == [128, 158, 188, 218])
    #expect(result(Tone(brightness: 1.5), Tone(contrast: 2)) == result(Tone(brightness: 1.5, contrast: 2)))
  }

  /// Tables and tones do not depend on the place of a pixel, nor on how often a picture is asked for.
  @Test func drawsCanBeRepeated() throws {
    for text in ["heavy", "trivial", "elastic(alpha: 2), fill: edge"] {
      #expect(try changed(text) == changed(text))
    }
  }

  /// However far a change reaches, every sample comes from the picture.
  @Test func extremesStayInside() throws {
    let wild = try Augmentation(
      parsing: """
        rotate(180), translate-x(1), translate-x(1), zoom(0.9), shear-x(60), shear-y(60), perspective(0.45), \
        crop-and-pad(0.45), perspective(0.45), elastic(alpha: 64, sigma: 1), flip-vertical(0.5)
        """)
    let flat = Image(width: 6, height: 5, channels: 3, bytes: [UInt8](repeating: 77, count: 90))
    let shape = PictureShape(width: 6, height: 5, channels: 3)
    for epoch in 0..<200 {
      #expect(wild.draw(shape, seed: 0, identity: "y", epoch: epoch).apply(to: flat) == flat)
    }
  }

  /// Pictures of one pixel, one row and one column survive every transform.
  @Test(arguments: [(1, 1), (7, 1), (1, 7), (2, 2)])
  func smallPictures(width: Int, height: Int) {
    for channels in [1, 3] {
      let image = scene(width: width, height: height, channels: channels)
      let shape = PictureShape(width: width, height: height, channels: channels)
      for kind in Transforms.all {
        var stream = RandomStream(seed: 1, name: kind.name)
        for amount in [kind.amounts.range.lowerBound, kind.amounts.range.upperBound] {
          var draw = Augmentation.Draw(shape)
          draw.add(kind.init().change(amount, &stream, shape))
          #expect(draw.apply(to: image).bytes.count == image.bytes.count)
        }
      }
    }
  }

  /// Amount 0 leaves every byte alone.
  @Test(arguments: Transforms.all.map { $0.name })
  func nothingAtAmountZero(name: String) throws {
    let transform = try #require(Transforms.named(name))
    guard transform.amounts != .fixed else { return }
    var stream = RandomStream(seed: 1, name: name)
    var draw = Augmentation.Draw(shape)
    draw.add(transform.base.change(0, &stream, shape))
    #expect(draw.apply(to: image) == image)
  }
}
