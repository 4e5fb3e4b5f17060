/// The position inside 0..<`count` that a mirror on the first or last sample shows at `position`: … 2 1 0 1 2 … The edge
/// itself is not repeated, so a slope goes on beyond it with its sign turned.
func reflected(_ position: Int, _ count: Int) -> Int {
  if UInt(bitPattern: position) < UInt(bitPattern: count) { return position }
  if count == 1 { return 0 }
  let period = 2 * (count - 1)
  var folded = position % period
  if folded < 0 { folded += period }
  return folded < count ? folded : period - folded
}

/// Calls `body` with a copy of interleaved samples that goes on, reflected, `margin` pixels beyond every edge: the place of
/// the first sample inside, and the samples from one row to the next.
func withMargin<Sample: BitwiseCopyable>(
  _ margin: Int, round samples: UnsafePointer<Sample>, _ shape: PictureShape,
  _ body: (_ inside: UnsafePointer<Sample>, _ row: Int) -> Void
) {
  let channels = shape.channels
  let row = (shape.width + 2 * margin) * channels
  withUnsafeTemporaryAllocation(of: Sample.self, capacity: row * (shape.height + 2 * margin)) { memory in
    let inside = memory.baseAddress! + margin * (row + channels)
    for y in 0..<shape.height {
      let line = inside + y * row
      line.update(from: samples + y * shape.width * channels, count: shape.width * channels)
      for beyond in 1..<max(margin + 1, 1) {
        let (left, right) = (reflected(-beyond, shape.width), reflected(shape.width - 1 + beyond, shape.width))
        for channel in 0..<channels {
          line[channel - beyond * channels] = line[left * channels + channel]
          line[(shape.width - 1 + beyond) * channels + channel] = line[right * channels + channel]
        }
      }
    }
    let first = inside - margin * channels
    for beyond in 1..<max(margin + 1, 1) {
      (first - beyond * row).update(from: first + reflected(-beyond, shape.height) * row, count: row)
      let below = shape.height - 1 + beyond
      (first + below * row).update(from: first + reflected(below, shape.height) * row, count: row)
    }
    body(inside, row)
  }
}
