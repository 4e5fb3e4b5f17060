import NunchiImages

/// An image that is drawn on. Drawing beyond its edges has no effect.
struct Page {
  let width: Int
  let height: Int
  private var samples: [UInt8]

  init(width: Int, height: Int, paper: [UInt8]) {
    (self.width, self.height) = (width, height)
    samples = (0..<width * height).flatMap { _ in paper }
  }

  var image: Image { Image(width: width, height: height, channels: 3, bytes: samples) }

  mutating func write(_ text: String, _ letters: Lettering, x: Int, baseline: Int, _ ink: [UInt8]) {
    letters.draw(text, x: Float(x), y: Float(baseline)) { x, y, share in mix(x, y, ink[0], ink[1], ink[2], share) }
  }

  /// Draws a horizontal line, one pixel high.
  mutating func line(x: Int, y: Int, width: Int, _ ink: [UInt8]) {
    for column in x..<x + width { mix(column, y, ink[0], ink[1], ink[2], 1) }
  }

  /// Draws an image with its upper left corner at (x, y), its corners rounded by `corner` pixels.
  mutating func place(_ image: Image, x: Int, y: Int, corner: Float) {
    let image = image.converted(toChannels: 3)
    for row in 0..<image.height {
      for column in 0..<image.width {
        let place = 3 * (row * image.width + column)
        let share = Self.inside(column, image.width, row, image.height, corner)
        mix(x + column, y + row, image.bytes[place], image.bytes[place + 1], image.bytes[place + 2], share)
      }
    }
  }

  /// The share of a pixel inside a rectangle with round corners.
  private static func inside(_ x: Int, _ width: Int, _ y: Int, _ height: Int, _ corner: Float) -> Float {
    let across = corner - (Float(min(x, width - 1 - x)) + 0.5)
    let down = corner - (Float(min(y, height - 1 - y)) + 0.5)
    if across <= 0 || down <= 0 { return 1 }
    return min(max(corner + 0.5 - (across * across + down * down).squareRoot(), 0), 1)
  }

  private mutating func mix(_ x: Int, _ y: Int, _ red: UInt8, _ green: UInt8, _ blue: UInt8, _ share: Float) {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return }
    let place = 3 * (y * width + x)
    if share >= 1 {
      (samples[place], samples[place + 1], samples[place + 2]) = (red, green, blue)
      return
    }
    func mixed(_ old: UInt8, _ new: UInt8) -> UInt8 {
      UInt8((Float(old) + (Float(new) - Float(old)) * share).rounded())
    }
    samples[place] = mixed(samples[place], red)
    samples[place + 1] = mixed(samples[place + 1], green)
    samples[place + 2] = mixed(samples[place + 2], blue)
  }
}
