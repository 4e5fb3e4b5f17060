import NunchiImages
import Testing

/// Against targets that do not say what is in the picture, and pictures mixed with what was mixed before.
@Suite struct MixingTests {
  private let shape = PictureShape(width: 13, height: 9, channels: 3)
  private static let kinds: [Mixing] = [.mixUp(alpha: 0.4), .cutMix(alpha: 1), .mosaic]

  /// Every picture of one level of its own, and of a class of its own.
  private func batch(_ count: Int) -> [UInt8] {
    (0..<count).flatMap { [UInt8](repeating: UInt8($0 * 20 + 10), count: 13 * 9 * 3) }
  }

  private func mixed(
    _ mixing: Mixing, _ count: Int, epoch: Int = 0, batch number: Int = 0, labels: [Int32]? = nil, classes: Int? = nil
  ) -> (images: [UInt8], targets: [Float]) {
    var images = batch(count)
    let labels = labels ?? (0..<Int32(count)).map { $0 }
    let targets = images.withUnsafeMutableBufferPointer { images in
      labels.withUnsafeBufferPointer {
        mixing.apply(
          images: images, labels: $0, shape, classes: classes ?? count, seed: 1, epoch: epoch, batch: number)
      }
    }
    return (images, targets)
  }

  @Test func noneLeavesAllAsItIs() {
    let (images, targets) = mixed(.none, 4)
    #expect(images == batch(4))
    #expect(targets == (0..<16).map { $0 % 5 == 0 ? 1 : 0 })
  }

  /// The shares of the targets are those of the pixels: counted for cut and mosaic, read from the level for MixUp.
  @Test func waysAreFoundByTheirNames() {
    for mixing in Mixing.allCases { #expect(Mixing(named: mixing.name) == mixing) }
    #expect(Mixing.allCases.map(\.name) == ["none", "mixup", "cutmix", "mosaic"])
    #expect(Mixing(named: "mixUp") == nil)
  }

  @Test(arguments: kinds, [2, 3, 4, 7, 12]) func targetsSayWhatIsThere(mixing: Mixing, count: Int) {
    for epoch in 0..<20 {
      let (images, targets) = mixed(mixing, count, epoch: epoch)
      let bytes = shape.width * shape.height * shape.channels
      for picture in 0..<count {
        let row = targets[picture * count..<(picture + 1) * count]
        #expect(row.reduce(0, +) == 1 || abs(row.reduce(0, +) - 1) <= 0x1p-23)
        #expect(row.allSatisfy { (0...1).contains($0) })
        let pixels = images[picture * bytes..<(picture + 1) * bytes]
        switch mixing {
        case .none: break
        case .mixUp:
          let level = row.enumerated().reduce(0) { $0 + Float($1.offset * 20 + 10) * $1.element }
          #expect(pixels.allSatisfy { abs(Float($0) - level) <= 0.51 })
        case .cutMix, .mosaic:
          for (label, share) in row.enumerated() {
            let seen = pixels.count { $0 == UInt8(label * 20 + 10) }
            #expect(abs(share - Float(seen) / Float(bytes)) <= 0x1p-22)
          }
        }
      }
    }
  }

  /// Pairs: the two shares sum to 1 without any rounding.
  @Test func pairsSumToOneExactly() {
    for width in 0...13 {
      for height in 0...9 {
        #expect(Mixing.Mixture.patch(x: 0, y: 0, width: width, height: height).shares(shape).reduce(0, +) == 1)
      }
    }
    for share in 0...256 { #expect(Mixing.Mixture.blend(share: share).shares(shape).reduce(0, +) == 1) }
    #expect(Mixing.Mixture.mosaic(x: 13, y: 9).shares(shape) == [1, 0, 0, 0])
  }

  /// Pictures of one class keep a whole target of it.
  @Test(arguments: kinds) func sameClassAddsUp(mixing: Mixing) {
    let targets = mixed(mixing, 6, labels: [1, 1, 1, 1, 1, 1], classes: 3).targets
    for (index, target) in targets.enumerated() { #expect(abs(target - (index % 3 == 1 ? 1 : 0)) <= 0x1p-23) }
  }

  /// A partner is another picture, and everybody is taken in once.
  @Test func partnersFormARing() {
    for count in 2...9 {
      let draw = Mixing.mosaic.draw(count: count, shape, seed: 3, epoch: 1, batch: 2)
      #expect(draw.ring.sorted() == Array(0..<count))
    }
    #expect(mixed(.mosaic, 1).images == batch(1))
  }

  @Test(arguments: kinds) func drawsArePure(mixing: Mixing) {
    func draw(_ seed: UInt64, _ epoch: Int, _ batch: Int) -> Mixing.Draw {
      mixing.draw(count: 8, shape, seed: seed, epoch: epoch, batch: batch)
    }
    #expect(draw(1, 2, 3) == draw(1, 2, 3))
    #expect(draw(1, 2, 3) != draw(2, 2, 3) && draw(1, 2, 3) != draw(1, 3, 3) && draw(1, 2, 3) != draw(1, 2, 4))
  }

  /// Shares follow Beta(alpha, alpha): mean 1/2, variance 1/(4(2 alpha + 1)).
  @Test(arguments: [0.2, 1, 4] as [Float]) func sharesFollowBeta(alpha: Float) {
    var shares: [Double] = []
    for epoch in 0..<300 {
      for mixture in Mixing.mixUp(alpha: alpha).draw(count: 10, shape, seed: 7, epoch: epoch, batch: 0).mixtures {
        guard case .blend(let share) = mixture else {
          Issue.record("not a blend")
          return
        }
        shares.append(Double(share) / 256)
      }
    }
    let mean = shares.reduce(0, +) / Double(shares.count)
    let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shares.count)
    let expected = 1 / (4 * (2 * Double(alpha) + 1))
    #expect(abs(mean - 0.5) < 4 * (expected / 3000).squareRoot())
    #expect(abs(variance / expected - 1) < 0.1)
  }

  /// The mosaic's pictures are whole and in their quarters, not cut out of their middles.
  @Test func mosaicShrinksPictures() {
    let shape = PictureShape(width: 20, height: 20, channels: 1)
    // A frame of 200 round a black picture is still round it when it is small.
    let framed = (0..<400).map { index -> UInt8 in
      let (x, y) = (index % 20, index / 20)
      return x < 2 || y < 2 || x > 17 || y > 17 ? 200 : 0
    }
    var images = framed + framed + framed + framed
    let draw = Mixing.Draw(ring: [0, 1, 2, 3], mixtures: [.mosaic(x: 10, y: 10), .plain, .plain, .plain])
    images.withUnsafeMutableBufferPointer { draw.mix($0, shape) }
    for (x, y) in [(0, 0), (9, 4), (10, 4), (19, 19), (4, 9), (4, 10)] { #expect(images[y * 20 + x] > 150) }
    for (x, y) in [(4, 4), (15, 4), (4, 15), (15, 15)] { #expect(images[y * 20 + x] < 20) }
    #expect(Array(images[400...]) == framed + framed + framed)
  }

  /// A mosaic by hand: four pictures of one colour each, cut at (8, 3) of 12 x 10, and two of them of one class.
  @Test func mosaicPutsEachPictureIntoItsQuarter() {
    let shape = PictureShape(width: 12, height: 10, channels: 3)
    let colours: [[UInt8]] = [[250, 0, 0], [0, 240, 10], [20, 30, 230], [90, 80, 70]]
    var images = colours.flatMap { colour in (0..<120).flatMap { _ in colour } }
    // Picture 2 takes in 0, 3 and 1, in this order; the others stay.
    let draw = Mixing.Draw(ring: [2, 0, 3, 1], mixtures: [.mosaic(x: 8, y: 3), .plain, .plain, .plain])
    let labels: [Int32] = [1, 2, 0, 1]
    let targets = labels.withUnsafeBufferPointer { draw.targets($0, shape, classes: 3) }
    images.withUnsafeMutableBufferPointer { draw.mix($0, shape) }
    for y in 0..<10 {
      for x in 0..<12 {
        let picture = y < 3 ? (x < 8 ? 2 : 0) : (x < 8 ? 3 : 1)
        let place = 2 * 360 + (y * 12 + x) * 3
        #expect(Array(images[place..<place + 3]) == colours[picture], "\(x), \(y)")
      }
    }
    // Of 120 pixels the picture itself (class 0) keeps 8 · 3; classes 1 are right above, 4 · 3, and left below, 8 · 7.
    let mixed = targets[6..<9].map { $0 * 120 }
    #expect(zip(mixed, [24, 68, 28]).allSatisfy { abs($0 - $1) < 1e-4 }, "\(mixed)")
    #expect(Array(targets[..<6]) == [0, 1, 0, 0, 0, 1] && Array(targets[9...]) == [0, 1, 0])
  }

  @Test func endsBeforeTraining() {
    let schedule = MixingSchedule(.mosaic, plainEpochs: 3)
    #expect((0..<10).map { schedule.mixing(epoch: $0, of: 10) == .mosaic } == (0..<10).map { $0 < 7 })
    #expect(MixingSchedule(.mosaic, plainEpochs: 12).mixing(epoch: 0, of: 10) == .none)
  }
}
