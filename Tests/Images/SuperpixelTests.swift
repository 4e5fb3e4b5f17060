import NunchiImages
import Testing

/// Against segments in pieces, lost pixels, and means that are not.
@Suite struct SuperpixelTests {
  private func segments(_ image: Image, _ count: Int) -> Segmentation {
    image.bytes.withUnsafeBufferPointer {
      Segmentation(
        $0.baseAddress!, PictureShape(width: image.width, height: image.height, channels: image.channels),
        segments: count)
    }
  }

  @Test(arguments: [40, 100, 250], [1, 3]) func asManyAsAskedFor(count: Int, channels: Int) {
    let found = segments(garden(width: 200, height: 160, channels: channels), count)
    #expect(abs(found.count - count) * 5 <= count, "\(found.count)")
    #expect(Set(found.labels) == Set((0..<found.count).map(Int32.init)))
  }

  @Test(arguments: [(90, 70, 60), (33, 9, 500), (1, 1, 10), (64, 2, 1)])
  func hangTogether(width: Int, height: Int, count: Int) {
    let found = segments(scene(width: width, height: height), count)
    var seen = [Bool](repeating: false, count: found.labels.count)
    var parts = 0
    for start in found.labels.indices where !seen[start] {
      parts += 1
      seen[start] = true
      var open = [start]
      while let pixel = open.popLast() {
        let (x, y) = (pixel % width, pixel / width)
        for (nextX, nextY) in [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)]
        where (0..<width).contains(nextX) && (0..<height).contains(nextY) {
          let next = nextY * width + nextX
          if !seen[next] && found.labels[next] == found.labels[start] {
            seen[next] = true
            open.append(next)
          }
        }
      }
    }
    #expect(parts == found.count)
  }

  @Test(arguments: [1, 3]) func eachIsItsMean(channels: Int) {
    let image = garden(channels: channels)
    let found = segments(image, 150)
    let painted = changed(image, Superpixel())
    for label in 0..<found.count {
      let pixels = found.labels.indices.filter { found.labels[$0] == Int32(label) }
      for channel in 0..<channels {
        let mean = pixels.reduce(0.0) { $0 + Double(image.bytes[$1 * channels + channel]) } / Double(pixels.count)
        let values = Set(pixels.map { painted.bytes[$0 * channels + channel] })
        #expect(values.count == 1 && abs(Double(values.first!) - mean) <= 0.51)
      }
    }
    #expect(abs(moments(painted).mean - moments(image).mean) < 0.5)
  }

  /// Colours decide: no segment lies across the edge of a black and a white half.
  @Test func segmentsKeepToEdges() {
    let halves = Image(width: 90, height: 60, channels: 1, bytes: (0..<5400).map { $0 % 90 < 41 ? 0 : 255 })
    #expect(changed(halves, with(Superpixel()) { $0.segments = 30 }) == halves)
  }

  /// Half the share leaves about half of the segments alone.
  @Test func shareOfSegments() {
    let image = scene(width: 120, height: 120)
    let some = changed(image, with(Superpixel()) { $0.share = 0.5 })
    let all = changed(image, Superpixel())
    let same = zip(zip(some.bytes, all.bytes), image.bytes).count { $0.0 == $0.1 && $0.1 != $1 }
    let kept = zip(zip(some.bytes, all.bytes), image.bytes).count { $0.0 != $0.1 && $0.0 == $1 }
    #expect(abs(Double(same) / Double(same + kept) - 0.5) < 0.15)
  }
}
