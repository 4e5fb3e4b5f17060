import NunchiImages
import Testing

/// Against augmentation that depends on who asks, blurs what it leaves alone, or turns the wrong way.
@Suite struct AugmentationTests {
  private let image = scene(width: 21, height: 15)

  @Test func noneLeavesEveryByte() {
    for epoch in 0..<5 {
      let draw = Augmentation.none.draw(seed: 3, identity: "a.jpg", epoch: epoch)
      #expect(draw == Augmentation.Draw())
      #expect(draw.apply(to: image) == image)
    }
  }

  @Test func sameKeySameBytes() {
    let light = Augmentation.light
    let one = light.draw(seed: 1, identity: "Train/Mask/a.jpg", epoch: 4)
    #expect(one == light.draw(seed: 1, identity: "Train/Mask/a.jpg", epoch: 4))
    #expect(one.apply(to: image) == one.apply(to: image))
    #expect(one != light.draw(seed: 2, identity: "Train/Mask/a.jpg", epoch: 4))
    #expect(one != light.draw(seed: 1, identity: "Train/Mask/b.jpg", epoch: 4))
    #expect(one != light.draw(seed: 1, identity: "Train/Mask/a.jpg", epoch: 5))
    #expect(one != light.draw(seed: 1, identity: "Train/Mask/a.jpg", epoch: 4, occurrence: 1))
  }

  @Test func drawsStayWithinTheirBoundsAndFillThem() {
    let draws = (0..<2000).map { Augmentation.light.draw(seed: 9, identity: "x", epoch: $0) }
    #expect(draws.allSatisfy { abs($0.degrees) <= 10 && abs($0.shiftX) <= 0.1 && abs($0.shiftY) <= 0.1 })
    #expect(draws.allSatisfy { abs($0.brightness - 1) <= 0.2001 && abs($0.contrast - 1) <= 0.2001 && $0.scale == 1 })
    #expect(draws.contains { $0.degrees > 9 } && draws.contains { $0.degrees < -9 })
    let flips = draws.filter(\.flipsHorizontally).count
    #expect((900...1100).contains(flips))
    #expect(draws.allSatisfy { !$0.flipsVertically })
  }

  @Test func flipsAreExact() {
    var draw = Augmentation.Draw()
    draw.flipsHorizontally = true
    let mirrored = draw.apply(to: image)
    #expect(mirrored != image)
    #expect(mirrored[0, 3] == image[20, 3])
    #expect(draw.apply(to: mirrored) == image)
    draw.flipsVertically = true
    #expect(draw.apply(to: image).bytes.first == image[20, 14].first)
    #expect(draw.apply(to: draw.apply(to: image)) == image)
  }

  @Test func quarterTurnIsClockwise() {
    let square = scene(width: 8, height: 8)
    var draw = Augmentation.Draw()
    draw.degrees = 90
    let turned = draw.apply(to: square)
    // The upper left corner goes to the upper right.
    #expect(turned[7, 0] == square[0, 0])
    #expect(turned[7, 7] == square[7, 0])
    #expect(worstDifference(draw.apply(to: draw.apply(to: draw.apply(to: turned))), square) <= 1)
  }

  @Test func shiftMovesRightAndDownOverAMirror() {
    let wide = scene(width: 20, height: 10)
    var draw = Augmentation.Draw()
    draw.shiftX = 0.1
    draw.shiftY = 0.2
    let moved = draw.apply(to: wide)
    #expect(moved[2, 2] == wide[0, 0])
    #expect(moved[12, 9] == wide[10, 7])
    #expect(moved[1, 2] == wide[0, 0])
    #expect(moved[0, 2] == wide[1, 0])
  }

  @Test func scaleGrowsFromTheCentre() {
    var bytes = [UInt8](repeating: 0, count: 81)
    bytes[40] = 255
    let dot = Image(width: 9, height: 9, channels: 1, bytes: bytes)
    var draw = Augmentation.Draw()
    draw.scale = 2
    let grown = draw.apply(to: dot)
    #expect(grown[4, 4] == [255])
    #expect(abs(Int(grown[3, 4][0]) - 128) <= 1)
    #expect(grown[2, 4] == [0])
  }

  @Test func lightKeepsTheMeanOrMovesIt() {
    let gray = Image(width: 4, height: 1, channels: 1, bytes: [100, 110, 120, 130])
    var draw = Augmentation.Draw()
    draw.contrast = 2
    #expect(draw.apply(to: gray).bytes == [85, 105, 125, 145])
    draw.contrast = 1
    draw.brightness = 1.5
    #expect(draw.apply(to: gray).bytes == [150, 165, 180, 195])
    draw.brightness = 3
    #expect(draw.apply(to: gray).bytes == [255, 255, 255, 255])
  }

  /// However far a change reaches, every sample comes from the picture.
  @Test func extremesStayInside() {
    var wild = Augmentation()
    wild.rotationDegrees = 180
    wild.shiftFraction = 5
    wild.scaleFraction = 0.9
    wild.horizontalFlip = 0.5
    wild.verticalFlip = 0.5
    let flat = Image(width: 6, height: 5, channels: 3, bytes: [UInt8](repeating: 77, count: 90))
    for epoch in 0..<200 {
      #expect(wild.draw(seed: 0, identity: "y", epoch: epoch).apply(to: flat) == flat)
    }
  }
}
