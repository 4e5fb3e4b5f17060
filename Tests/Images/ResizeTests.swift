import Foundation
import NunchiImages
import Testing

/// Against shifted grids, aliasing and rounding that drifts.
@Suite struct ResizeTests {
  /// The filters as their formulas: the weight at distance x.
  private func formula(_ filter: ResampleFilter) -> (Double) -> Double {
    func sinc(_ x: Double) -> Double { x == 0 ? 1 : sin(.pi * x) / (.pi * x) }
    return switch filter {
    case .nearest: { _ in 1 }
    case .area: { $0 > -0.5 && $0 <= 0.5 ? 1 : 0 }
    case .bilinear: { max(0, 1 - abs($0)) }
    case .bicubic:
      {
        let x = abs($0)
        if x >= 2 { return 0 }
        return x < 1 ? 1.5 * x * x * x - 2.5 * x * x + 1 : -0.5 * x * x * x + 2.5 * x * x - 4 * x + 2
      }
    case .lanczos: { abs($0) < 3 ? sinc($0) * sinc($0 / 3) : 0 }
    }
  }

  private func clamped(_ value: Double) -> Double { min(max(value, 0), 255) }

  /// The definition in Double, each axis rounded and clamped as bytes are.
  private func reference(_ image: Image, width: Int, height: Int, _ filter: ResampleFilter = .bilinear) -> [Double] {
    let weight = formula(filter)
    func weights(_ inputs: Int, _ outputs: Int) -> [[Double]] {
      let scale = Double(inputs) / Double(outputs)
      let support = max(1, scale)
      // Pillow adds up the places of nearest samples, which decides between two that are equally near.
      var next = scale * 0.5
      return (0..<outputs).map { output in
        defer { next += scale }
        let center = filter == .nearest ? next : (Double(output) + 0.5) * scale
        if filter == .nearest { return (0..<inputs).map { $0 == min(Int(center), inputs - 1) ? 1 : 0 } }
        let row = (0..<inputs).map { weight((Double($0) + 0.5 - center) / support) }
        let sum = row.reduce(0, +)
        return row.map { $0 / sum }
      }
    }
    let across = weights(image.width, width)
    let down = weights(image.height, height)
    let channels = image.channels
    func rows(_ samples: [Double], _ count: Int) -> [Double] {
      (0..<count * width * channels).map { index in
        let (y, x, channel) = (index / channels / width, index / channels % width, index % channels)
        return clamped(
          (0..<image.width).reduce(0) { $0 + across[x][$1] * samples[(y * image.width + $1) * channels + channel] })
      }
    }
    func columns(_ samples: [Double], _ row: Int) -> [Double] {
      (0..<height * row).map { index in
        clamped((0..<image.height).reduce(0) { $0 + down[index / row][$1] * samples[$1 * row + index % row] })
      }
    }
    let samples = image.bytes.map { Double($0) }
    return image.height - height > 2 * (image.width - width) && height < image.height
      ? rows(columns(samples, image.width * channels), height)
      : columns(rows(samples, image.height), width * channels)
  }

  @Test(
    arguments: [(13, 7), (64, 48), (7, 60), (40, 30), (1, 1), (90, 3), (40, 5), (3, 30)], ResampleFilter.allCases)
  func agreesWithTheDefinition(size: (Int, Int), filter: ResampleFilter) {
    for channels in [1, 3] {
      let image = scene(width: 40, height: 30, channels: channels)
      let resized = image.resized(width: size.0, height: size.1, filter: filter)
      let expected = reference(image, width: size.0, height: size.1, filter)
      let worst = zip(resized.bytes, expected).map { abs(Double($0) - $1) }.max() ?? 0
      // Half a level of rounding in the first pass, which negative weights carry on up to 1.5 times, and half in the second.
      #expect(worst <= (filter == .nearest ? 0 : 1.3))
    }
  }

  /// Which axis comes first shows where a filter overshoots, so it must be one order everywhere.
  @Test(arguments: [(30, 60, 20, 24, true), (30, 60, 12, 24, false), (60, 30, 40, 12, false), (30, 31, 60, 30, true)])
  func theAxesHaveAnOrder(_ width: Int, _ height: Int, _ newWidth: Int, _ newHeight: Int, columnsFirst: Bool) {
    let noise = Image(
      width: width, height: height, channels: 1,
      bytes: (0..<width * height).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) })
    let direct = noise.resized(width: newWidth, height: newHeight, filter: .lanczos)
    let columns = noise.resized(width: width, height: newHeight, filter: .lanczos)
      .resized(width: newWidth, height: newHeight, filter: .lanczos)
    let rows = noise.resized(width: newWidth, height: height, filter: .lanczos)
      .resized(width: newWidth, height: newHeight, filter: .lanczos)
    #expect(rows != columns, "the orders agree: the test says nothing")
    #expect(direct == (columnsFirst ? columns : rows))
  }

  @Test func sameSizeIsUntouched() {
    let image = scene(width: 17, height: 9)
    #expect(image.resized(width: 17, height: 9) == image)
  }

  @Test func whiteStaysWhite() {
    let white = Image(width: 37, height: 23, channels: 3, bytes: [UInt8](repeating: 255, count: 37 * 23 * 3))
    for (width, height) in [(5, 4), (100, 70), (36, 22)] {
      #expect(white.resized(width: width, height: height).bytes.allSatisfy { $0 == 255 })
    }
  }

  @Test func onePixelGrowsEvenly() {
    let dot = Image(width: 1, height: 1, channels: 3, bytes: [3, 4, 5])
    let grown = dot.resized(width: 4, height: 2)
    for x in 0..<4 { #expect(grown[x, 0] == [3, 4, 5] && grown[x, 1] == [3, 4, 5]) }
  }
}
