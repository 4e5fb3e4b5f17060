import NunchiImages
import NunchiTensors
import Testing

/// Against maps that turn the wrong way, drift when they are put together, or resample what they need not.
@Suite struct GeometryTests {
  private func shape(_ image: Image) -> PictureShape {
    PictureShape(width: image.width, height: image.height, channels: image.channels)
  }

  private func moved(_ image: Image, fill: Fill = .mirror, _ maps: ProjectiveMap...) -> Image {
    var draw = Augmentation.Draw(shape(image), fill: fill)
    for map in maps { draw.add(.projective(map)) }
    return draw.apply(to: image)
  }

  /// The change of one transform at an amount.
  private func changed(_ image: Image, _ transform: some Transform, _ amount: Float, fill: Fill = .mirror) -> Image {
    var stream = RandomStream(seed: 4, name: "change")
    var draw = Augmentation.Draw(shape(image), fill: fill)
    draw.add(transform.change(amount, &stream, shape(image)))
    return draw.apply(to: image)
  }

  @Test func flipsAreExact() {
    let image = scene(width: 21, height: 15)
    let mirrored = changed(image, FlipHorizontal(), 1)
    #expect(mirrored != image)
    #expect(mirrored[0, 3] == image[20, 3] && mirrored[20, 14] == image[0, 14])
    #expect(changed(mirrored, FlipHorizontal(), 1) == image)
    let upended = changed(image, FlipVertical(), 1)
    #expect(upended[5, 0] == image[5, 14] && upended[5, 14] == image[5, 0])
    #expect(changed(upended, FlipVertical(), 1) == image)
    #expect(changed(mirrored, FlipVertical(), 1) == changed(image, Rotate(degrees: 180), 1))
  }

  /// Every quarter turn of a square moves whole pixels; four in one picture are no change at all, of any shape.
  @Test(arguments: [8, 9]) func quarterTurnsAreExact(side: Int) {
    let square = scene(width: side, height: side)
    let quarter = ProjectiveMap(degrees: 90, about: shape(square).centre)
    let turned = moved(square, quarter)
    // Clockwise: the upper left corner goes to the upper right.
    #expect(turned[side - 1, 0] == square[0, 0] && turned[side - 1, side - 1] == square[side - 1, 0])
    #expect(moved(moved(moved(turned, quarter), quarter), quarter) == square)
    #expect(moved(square, ProjectiveMap(degrees: -270, about: shape(square).centre)) == turned)
    let wide = scene(width: 20, height: side)
    let turn = ProjectiveMap(degrees: 90, about: shape(wide).centre)
    var geometry = Geometry()
    for count in 1...4 {
      geometry.append(turn)
      #expect(geometry.isIdentity == (count == 4))
    }
    #expect(moved(wide, turn, turn, turn, turn) == wide)
  }

  /// What is added later happens later, also behind a displacement, and the ways there and back agree.
  @Test func laterMapsComeLater() {
    let turn = ProjectiveMap(degrees: 90, about: Point(5, 5))
    let move = ProjectiveMap(moveX: 3, moveY: 0)
    let push = DisplacementField(spacing: 1, columns: 1, rows: 1, vectors: [SIMD2(-1, -2)])
    var (turned, moved, pushed) = (Geometry(), Geometry(), Geometry())
    turned.append(turn)
    turned.append(move)
    #expect(turned.move(Point(0, 0)) == Point(13, 0))
    moved.append(move)
    moved.append(turn)
    #expect(moved.move(Point(0, 0)) == Point(10, 3))
    pushed.append(push)
    pushed.append(turn)
    #expect(pushed.move(Point(0, 0)) == Point(8, 1))
    let image = scene(width: 11, height: 11)
    var draw = Augmentation.Draw(shape(image))
    draw.add(.displacement(push))
    draw.add(.projective(turn))
    #expect(draw.apply(to: image)[8, 1] == image[0, 0])
  }

  /// Moved by whole pixels and cropped, it is the source.
  @Test(arguments: [(5, 0), (-5, 0), (0, 3), (4, -2)])
  func translationsAreExact(x: Int, y: Int) {
    let image = scene(width: 20, height: 10)
    let result = moved(image, ProjectiveMap(moveX: Double(x), moveY: Double(y)))
    for row in max(0, y)..<min(10, 10 + y) {
      for column in max(0, x)..<min(20, 20 + x) { #expect(result[column, row] == image[column - x, row - y]) }
    }
    #expect(changed(image, TranslateX(share: 0.25), 1) == moved(image, ProjectiveMap(moveX: 5, moveY: 0)))
    #expect(changed(image, TranslateY(share: 0.3), -1) == moved(image, ProjectiveMap(moveX: 0, moveY: -3)))
  }

  /// A turned and moved picture is the middle of its mirror images, turned and moved.
  @Test(arguments: [(0.0, 4.3), (13, 0), (-31, 5.5), (90, -3)], [1, 3])
  func beyondTheEdgesLieMirrorImages(_ turn: (Double, Double), channels: Int) {
    let (width, height) = (33, 27)
    let image = scene(width: width, height: height, channels: channels)
    let tiles = Image(width: 3 * width, height: 3 * height, channels: channels) { output in
      for y in 0..<3 * height {
        for x in 0..<3 * width {
          let from = image[
            x / width == 1 ? x - width : width - 1 - x % width, y / height == 1 ? y - height : height - 1 - y % height]
          for channel in 0..<channels { output[(y * 3 * width + x) * channels + channel] = from[channel] }
        }
      }
    }
    func changed(_ image: Image) -> Image {
      let center = Point(Double(image.width - 1) / 2, Double(image.height - 1) / 2)
      return moved(
        image, ProjectiveMap(degrees: turn.0, about: center), ProjectiveMap(moveX: turn.1, moveY: -0.7 * turn.1))
    }
    let (small, large) = (changed(image), changed(tiles))
    for y in 0..<height {
      for x in 0..<width {
        // Places are rounded to 1/256, which may fall the other way in either direction.
        for (one, other) in zip(small[x, y], large[x + width, y + height]) {
          #expect(abs(Int(one) - Int(other)) <= 2, "\(x), \(y)")
        }
      }
    }
  }

  /// What lies outside: the mirror image with the edge twice, the edge, or a gray level; pixel by pixel.
  @Test func fillsAreExact() {
    let row = Image(width: 5, height: 1, channels: 1, bytes: [10, 20, 30, 40, 50])
    let left = ProjectiveMap(moveX: 3, moveY: 0)
    let right = ProjectiveMap(moveX: -3, moveY: 0)
    #expect(moved(row, left).bytes == [30, 20, 10, 10, 20])
    #expect(moved(row, fill: .edge, left).bytes == [10, 10, 10, 10, 20])
    #expect(moved(row, fill: .constant(7), left).bytes == [7, 7, 7, 10, 20])
    #expect(moved(row, right).bytes == [40, 50, 50, 40, 30])
    #expect(moved(row, fill: .edge, right).bytes == [40, 50, 50, 50, 50])
    #expect(moved(row, fill: .constant(7), right).bytes == [40, 50, 7, 7, 7])
    // Half a pixel over the edge is half of each; far away the mirror repeats.
    #expect(moved(row, fill: .constant(0), ProjectiveMap(moveX: 0.5, moveY: 0)).bytes == [5, 15, 25, 35, 45])
    #expect(moved(row, ProjectiveMap(moveX: 10, moveY: 0)) == row)
    #expect(moved(row, ProjectiveMap(moveX: 5, moveY: 0)).bytes == [50, 40, 30, 20, 10])
  }

  /// Between pixels: the bilinear mean, within the rounding of places to 1/256 and of the result.
  @Test func resamplingIsBilinear() {
    let image = scene(width: 17, height: 13)
    let map = ProjectiveMap(degrees: 23, about: Point(8, 6)).then(ProjectiveMap(moveX: 1.3, moveY: -0.6))
    let (result, back) = (moved(image, fill: .edge, map), map.inverse)
    for y in 0..<13 {
      for x in 0..<17 {
        let place = back.move(Point(Double(x), Double(y)))
        for channel in 0..<3 {
          func sample(_ x: Int, _ y: Int) -> Double { Double(image[min(max(x, 0), 16), min(max(y, 0), 12)][channel]) }
          let (left, top) = (Int(place.x.rounded(.down)), Int(place.y.rounded(.down)))
          let (right, low) = (place.x - Double(left), place.y - Double(top))
          let above = sample(left, top) * (1 - right) + sample(left + 1, top) * right
          let below = sample(left, top + 1) * (1 - right) + sample(left + 1, top + 1) * right
          let expected = above * (1 - low) + below * low
          // Neighbours differ by up to 255, twice 1/256 of it, and half a level of rounding.
          #expect(abs(Double(result[x, y][channel]) - expected) <= 2.6)
        }
      }
    }
  }

  @Test func scaleGrowsFromTheCentre() {
    var bytes = [UInt8](repeating: 0, count: 81)
    bytes[40] = 255
    let grown = moved(
      Image(width: 9, height: 9, channels: 1, bytes: bytes), ProjectiveMap(2, 0, 0, 2, about: Point(4, 4)))
    #expect(grown[4, 4] == [255] && grown[2, 4] == [0])
    #expect(abs(Int(grown[3, 4][0]) - 128) <= 1)
  }

  @Test func shearsLeanAndStay() {
    let image = scene(width: 11, height: 11)
    var (lean, level) = (ShearX(), ShearY())
    (lean.degrees, level.degrees) = (45, 45)
    // At 45 degrees a row moves by as many pixels as it lies above the centre, and the upper ones to the right.
    let (leaning, rising) = (changed(image, lean, 1), changed(image, level, 1))
    for x in 4...7 {
      #expect(leaning[x + 3, 2] == image[x, 2] && leaning[x, 5] == image[x, 5] && leaning[x - 3, 8] == image[x, 8])
      #expect(rising[8, x + 3] == image[8, x] && rising[2, x - 3] == image[2, x])
    }
    (lean.degrees, level.degrees) = (0, 0)
    #expect(changed(image, lean, 1) == image && changed(image, level, 1) == image)
  }

  /// A bright dot is found where its place goes: boxes and outlines can follow the picture.
  @Test(arguments: Augmentation.presets.map(\.name) + ["elastic(alpha: 3, sigma: 9), rotate(30), elastic(alpha: 2)"])
  func pointsFollowThePicture(text: String) throws {
    var augmentation = try Augmentation(parsing: text)
    augmentation.fill = .constant(0)
    let shape = PictureShape(width: 80, height: 60, channels: 1)
    for (epoch, corner) in [(0, (28, 20)), (1, (50, 20)), (2, (50, 40)), (3, (28, 40)), (4, (40, 30))] {
      var bytes = [UInt8](repeating: 0, count: 80 * 60)
      for y in -2...2 {
        for x in -2...2 { bytes[(corner.1 + y) * 80 + corner.0 + x] = UInt8(250 - 50 * max(abs(x), abs(y))) }
      }
      let draw = augmentation.draw(shape, seed: 6, identity: "p", epoch: epoch)
      let result = draw.apply(to: Image(width: 80, height: 60, channels: 1, bytes: bytes))
      // Contrast may lift the black round the dot.
      let levels = result.bytes.map { max(0, Double($0) - 20) }
      let total = levels.reduce(0, +)
      try #require(total > 0)
      var (x, y) = (0.0, 0.0)
      for (index, level) in levels.enumerated() {
        x += Double(index % 80) * level / total
        y += Double(index / 80) * level / total
      }
      let expected = draw.geometry.move(Point(Double(corner.0), Double(corner.1)))
      #expect(abs(x - expected.x) < 0.5 && abs(y - expected.y) < 0.5)
    }
  }

  @Test func perspectiveTakesCornersToCorners() {
    let corners = [Point(0, 0), Point(99, 0), Point(99, 49), Point(0, 49)]
    let targets = [Point(12, 4), Point(90, -6), Point(104, 40), Point(-3, 55)]
    let map = ProjectiveMap(corners: corners, to: targets)
    for (corner, target) in zip(corners, targets) {
      let (there, back) = (map.move(corner), map.inverse.move(target))
      #expect(abs(there.x - target.x) < 1e-9 && abs(there.y - target.y) < 1e-9)
      #expect(abs(back.x - corner.x) < 1e-9 && abs(back.y - corner.y) < 1e-9)
    }
    // Straight lines stay straight: the diagonals meet where their images meet.
    let centre = map.move(Point(49.5, 24.5))
    let (a, b, c, d) = (targets[0], targets[1], targets[2], targets[3])
    #expect(abs((c.x - a.x) * (centre.y - a.y) - (c.y - a.y) * (centre.x - a.x)) < 1e-6)
    #expect(abs((d.x - b.x) * (centre.y - b.y) - (d.y - b.y) * (centre.x - b.x)) < 1e-6)
    #expect(ProjectiveMap(corners: corners, to: corners).isIdentity)
    #expect(ProjectiveMap.identity.then(map) == map && map.then(.identity) == map)
  }

  /// In pixels: bright corners of a picture are found within half a pixel of where the map says.
  @Test func perspectiveMovesPixels() {
    let (width, height) = (60, 40)
    let corners = [Point(10, 8), Point(49, 8), Point(49, 31), Point(10, 31)]
    let targets = [Point(14, 5), Point(45, 10), Point(52, 34), Point(7, 28)]
    let map = ProjectiveMap(corners: corners, to: targets)
    for (corner, target) in zip(corners, targets) {
      var bytes = [UInt8](repeating: 0, count: width * height)
      for y in -1...1 { for x in -1...1 { bytes[(Int(corner.y) + y) * width + Int(corner.x) + x] = 240 } }
      let result = moved(Image(width: width, height: height, channels: 1, bytes: bytes), fill: .constant(0), map)
      let total = result.bytes.reduce(0.0) { $0 + Double($1) }
      let x = result.bytes.enumerated().reduce(0.0) { $0 + Double($1.offset % width) * Double($1.element) } / total
      let y = result.bytes.enumerated().reduce(0.0) { $0 + Double($1.offset / width) * Double($1.element) } / total
      #expect(abs(x - target.x) < 0.5 && abs(y - target.y) < 0.5)
    }
  }

  /// Cropped and padded pictures keep their size; the part shown is the one asked for.
  @Test func croppingAndPadding() {
    let image = scene(width: 16, height: 16)
    let shape = shape(image)
    // The middle half, twice as large: two pixels out of one, a quarter to either side of its centre.
    let middle = ProjectiveMap.showing(left: 0.25, top: 0.25, right: 0.25, bottom: 0.25, of: shape)
    #expect(middle.move(Point(3.5, 3.5)) == Point(-0.5, -0.5) && middle.move(Point(11.5, 11.5)) == Point(15.5, 15.5))
    #expect(ProjectiveMap.showing(left: 0, top: 0, right: 0, bottom: 0, of: shape).isIdentity)
    // Half the side added on the right and below: pixels 0, 1 | 2, 3 … become one, and the fill begins at pixel 8.
    let wider = ProjectiveMap.showing(left: 0, top: 0, right: -1, bottom: -1, of: shape)
    for (fill, expected) in [(Fill.constant(9), [9, 9, 9]), (.edge, image[15, 15])] {
      let padded = moved(image, fill: fill, wider)
      #expect(padded[12, 12] == expected.map { UInt8($0) })
      #expect(padded[15, 15] == expected.map { UInt8($0) })
    }
    let mirrored = moved(image, wider)
    for index in 0..<8 { #expect(mirrored[8 + index, 3] == mirrored[7 - index, 3]) }
    for transform in [AnyTransform(Crop()), AnyTransform(CropAndPad())] {
      var stream = RandomStream(seed: 1, name: "crop")
      var draw = Augmentation.Draw(shape)
      draw.add(transform.base.change(0, &stream, shape))
      #expect(draw.isIdentity)
    }
  }

  /// A crop shows nothing but the picture, and reaches its corners.
  @Test func cropsStayInside() {
    let shape = PictureShape(width: 30, height: 20, channels: 1)
    var crop = Crop()
    crop.share = 0.5
    var stream = RandomStream(seed: 8, name: "crop")
    var (least, most) = (1.0, 0.0)
    for _ in 0..<500 {
      guard case .projective(let map) = crop.change(1, &stream, shape) else {
        Issue.record("not a map")
        return
      }
      let (first, last) = (map.inverse.move(Point(-0.5, -0.5)), map.inverse.move(Point(29.5, 19.5)))
      #expect(first.x >= -0.5001 && first.y >= -0.5001 && last.x <= 29.5001 && last.y <= 19.5001)
      #expect(abs(last.x - first.x - 15) < 1e-4 && abs(last.y - first.y - 10) < 1e-4)
      least = min(least, (first.x + 0.5) / 15)
      most = max(most, (first.x + 0.5) / 15)
    }
    #expect(least < 0.02 && most > 0.98)
  }
}
