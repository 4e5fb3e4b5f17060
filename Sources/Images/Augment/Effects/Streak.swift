import NunchiTensors

/// A short line with round ends: what falls before a camera.
struct Streak {
  /// Where a line begins, in pixels.
  var x: Float
  var y: Float
  /// From there to its end.
  var across: Float
  var down: Float
  var radius: Float
  /// The share of the line's colour in 0...1.
  var opacity: Float

  /// Paints the line, its edges one pixel soft.
  func draw(_ pixels: Pixels, colour: UInt8) {
    let shape = pixels.shape
    let reach = radius + 1
    let left = max(Int((min(x, x + across) - reach).rounded(.down)), 0)
    let right = min(Int((max(x, x + across) + reach).rounded(.up)), shape.width - 1)
    let top = max(Int((min(y, y + down) - reach).rounded(.down)), 0)
    let bottom = min(Int((max(y, y + down) + reach).rounded(.up)), shape.height - 1)
    if left > right || top > bottom { return }
    let scale = 1 / max(across * across + down * down, 1e-6)
    for row in top...bottom {
      for column in left...right {
        let (u, v) = (Float(column) - x, Float(row) - y)
        let share = min(max((u * across + v * down) * scale, 0), 1)
        let (awayX, awayY) = (u - share * across, v - share * down)
        let cover = min(max(radius + 0.5 - (awayX * awayX + awayY * awayY).squareRoot(), 0), 1) * opacity
        if cover == 0 { continue }
        let place = pixels.samples + (row * shape.width + column) * shape.channels
        for channel in 0..<shape.channels {
          let value = Float(place[channel])
          place[channel] = UInt8((value + (Float(colour) - value) * cover).rounded())
        }
      }
    }
  }
}
