import NunchiKernels

/// What a picture shows beyond its edges.
package enum Fill: Sendable, Hashable {
  /// Its mirror image, edge pixels twice: … 1 0 0 1 2 … No corner tells a network how far a picture was turned.
  case mirror
  /// The nearest edge pixel.
  case edge
  /// One gray level.
  case constant(UInt8)

  var kernelFill: nk_fill {
    switch self {
    case .mirror: NK_FILL_MIRROR
    case .edge: NK_FILL_EDGE
    case .constant: NK_FILL_LEVEL
    }
  }

  var level: UInt8 {
    switch self {
    case .mirror, .edge: 0
    case .constant(let level): level
    }
  }
}

/// The samples of a picture that is read at places between its pixels.
struct WarpSource {
  let samples: UnsafePointer<UInt8>
  let shape: PictureShape

  var rowBytes: Int { shape.width * shape.channels }

  /// Calls `body` with the picture in a frame of `width` pixels that shows what lies beyond its edges, and with the frame's
  /// width: what is read there is then read as fast as inside. A frame too wide to be worth its memory is none, and 0.
  func withFrame(_ width: Int, _ fill: Fill, _ body: (WarpSource, Int) -> Void) {
    guard case .mirror = fill, 2 * width <= min(shape.width, shape.height) else { return body(self, 0) }
    let framed = PictureShape(
      width: shape.width + 2 * width, height: shape.height + 2 * width, channels: shape.channels)
    let row = framed.width * framed.channels
    ScratchMemory.with(byteCount: framed.height * row) { memory in
      for y in 0..<framed.height {
        let from = y < width ? width - 1 - y : min(y - width, 2 * shape.height - 1 + width - y)
        frameRow(samples + from * rowBytes, width, memory + y * row)
      }
      body(WarpSource(samples: UnsafePointer(memory), shape: framed), width)
    }
  }

  /// One row between its mirrored ends.
  private func frameRow(_ input: UnsafePointer<UInt8>, _ width: Int, _ output: UnsafeMutablePointer<UInt8>) {
    let channels = shape.channels
    let inside = output + width * channels
    inside.update(from: input, count: rowBytes)
    for x in 0..<width {
      for channel in 0..<channels {
        inside[(-1 - x) * channels + channel] = input[x * channels + channel]
        inside[(shape.width + x) * channels + channel] = input[(shape.width - 1 - x) * channels + channel]
      }
    }
  }
}

/// The resampling of one row: bilinear, with weights of eight bits; places in 1/65536 pixel.
enum Warp {
  /// A place in a picture in 1/65536 pixel, (0, 0) the centre of its upper left pixel.
  struct Place {
    var x: Int
    var y: Int
  }

  /// Writes `count` pixels read along a straight line: pixel i at `start` + i·`step`.
  static func row(
    _ source: WarpSource, from start: Place, step: Place, fill: Fill, count: Int, to target: UnsafeMutablePointer<UInt8>
  ) {
    if copiedRow(source, start, step, count, target) { return }
    var warp = nk_warp(
      source: source.samples, width: Int64(source.shape.width), height: Int64(source.shape.height),
      channels: Int64(source.shape.channels), step_x: Int64(step.x), step_y: Int64(step.y), fill: fill.kernelFill,
      level: fill.level)
    ImageKernels.functions.pointee.warp_row(&warp, Int64(start.x), Int64(start.y), target, Int64(count))
  }

  /// Writes `count` pixels read at places of their own.
  static func row(
    _ source: WarpSource, at places: UnsafePointer<Place>, fill: Fill, count: Int,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    let channels = source.shape.channels
    for index in 0..<count { pixel(source, places[index], fill, target + index * channels) }
  }

  /// A row of whole pixels, forwards or backwards, is copied: the same bytes, sooner.
  private static func copiedRow(
    _ source: WarpSource, _ start: Place, _ step: Place, _ count: Int, _ target: UnsafeMutablePointer<UInt8>
  ) -> Bool {
    guard step.y == 0, step.x == 65536 || step.x == -65536, (start.x | start.y) >> 8 & 255 == 0 else { return false }
    let (x, y, channels) = (start.x >> 16, start.y >> 16, source.shape.channels)
    let last = step.x > 0 ? x + count - 1 : x - count + 1
    guard min(x, last) >= 0, max(x, last) < source.shape.width, 0..<source.shape.height ~= y else { return false }
    let input = source.samples + y * source.rowBytes + x * channels
    if step.x > 0 {
      target.update(from: input, count: count * channels)
    } else {
      for index in 0..<count {
        for channel in 0..<channels { target[index * channels + channel] = input[channel - index * channels] }
      }
    }
    return true
  }

  @inline(__always)
  private static func pixel(
    _ source: WarpSource, _ place: Place, _ fill: Fill, _ output: UnsafeMutablePointer<UInt8>
  ) {
    let (x, y) = (place.x >> 16, place.y >> 16)
    let (width, height, channels) = (source.shape.width, source.shape.height, source.shape.channels)
    let row = source.rowBytes
    let weights = Weights(place)
    if UInt(bitPattern: x) < UInt(bitPattern: width - 1), UInt(bitPattern: y) < UInt(bitPattern: height - 1) {
      let top = source.samples + y * row + x * channels
      for channel in 0..<channels {
        output[channel] = weights.blend(
          top[channel], top[channels + channel], top[row + channel], top[row + channels + channel])
      }
      return
    }
    switch fill {
    case .mirror:
      edgePixel(
        source, weights, mirrored(x, width), mirrored(x + 1, width), mirrored(y, height), mirrored(y + 1, height),
        output)
    case .edge:
      edgePixel(
        source, weights, min(max(x, 0), width - 1), min(max(x + 1, 0), width - 1), min(max(y, 0), height - 1),
        min(max(y + 1, 0), height - 1), output)
    case .constant(let level):
      for channel in 0..<channels {
        func sample(_ x: Int, _ y: Int) -> UInt8 {
          0..<width ~= x && 0..<height ~= y ? source.samples[y * row + x * channels + channel] : level
        }
        output[channel] = weights.blend(sample(x, y), sample(x + 1, y), sample(x, y + 1), sample(x + 1, y + 1))
      }
    }
  }

  @inline(__always)
  private static func edgePixel(
    _ source: WarpSource, _ weights: Weights, _ left: Int, _ right: Int, _ top: Int, _ bottom: Int,
    _ output: UnsafeMutablePointer<UInt8>
  ) {
    let channels = source.shape.channels
    let (above, below) = (source.samples + top * source.rowBytes, source.samples + bottom * source.rowBytes)
    for channel in 0..<channels {
      let (first, second) = (left * channels + channel, right * channels + channel)
      output[channel] = weights.blend(above[first], above[second], below[first], below[second])
    }
  }

  /// The shares of the right and of the lower neighbours, in 1/256.
  private struct Weights {
    let x: Int32
    let y: Int32

    @inline(__always)
    init(_ place: Place) {
      x = Int32(truncatingIfNeeded: (place.x >> 8) & 255)
      y = Int32(truncatingIfNeeded: (place.y >> 8) & 255)
    }

    @inline(__always)
    func blend(_ topLeft: UInt8, _ topRight: UInt8, _ bottomLeft: UInt8, _ bottomRight: UInt8) -> UInt8 {
      let above = Int32(topLeft) &* (256 &- x) &+ Int32(topRight) &* x
      let below = Int32(bottomLeft) &* (256 &- x) &+ Int32(bottomRight) &* x
      return UInt8(truncatingIfNeeded: (above &* (256 &- y) &+ below &* y &+ 0x8000) >> 16)
    }
  }

  /// The position inside 0..<`count` that a mirror at either edge shows at `position`.
  @inline(__always)
  private static func mirrored(_ position: Int, _ count: Int) -> Int {
    if UInt(bitPattern: position) < UInt(bitPattern: count) { return position }
    var folded = position % (2 * count)
    if folded < 0 { folded += 2 * count }
    return folded < count ? folded : 2 * count - 1 - folded
  }
}
