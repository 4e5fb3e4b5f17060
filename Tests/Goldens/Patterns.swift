import Foundation

/// Small pictures drawn with whole numbers alone and written as PNM, so that no decoder and no mathematics of the machine has
/// a part in them: stripes, rings and checks, in noise.
enum Patterns {
  static let classes = ["checks", "rings", "stripes"]

  /// A linear congruential sequence.
  struct Sequence {
    var state: UInt64
    mutating func next(_ bound: Int) -> Int {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return Int(state >> 33) % bound
    }
  }

  /// A PPM of about 24x20 pixels; every third one stands upright.
  static func picture(kind: Int, seed: Int) -> [UInt8] {
    var random = Sequence(state: UInt64(kind * 10_007 + seed * 31 + 17))
    for _ in 0..<4 { _ = random.next(2) }
    let (width, height) = seed % 3 == 0 ? (20, 24) : (24, 20)
    let (period, phase) = (3 + random.next(3), random.next(8))
    let (slopeX, slopeY) = (random.next(3), 1 + random.next(2))
    let centre = (width / 2 + random.next(7) - 3, height / 2 + random.next(7) - 3)
    let colours = (0..<2).map { index in (0..<3).map { _ in index * 110 + random.next(90) } }
    var bytes = Array("P6 \(width) \(height) 255\n".utf8)
    for y in 0..<height {
      for x in 0..<width {
        let (dx, dy) = (x - centre.0, y - centre.1)
        let place =
          switch kind {
          case 0: (x + phase) / period + (y + phase) / period
          case 1: (dx * dx + dy * dy) / (period * period * 2) + phase
          default: (slopeX * x + slopeY * y) / period + phase
          }
        for channel in 0..<3 {
          bytes.append(UInt8(min(max(colours[place % 2][channel] + random.next(81) - 20, 0), 255)))
        }
      }
    }
    return bytes
  }

  /// Class folders in `folder`, `counts` pictures of each class.
  static func write(_ folder: String, counts: [Int], seed: Int) throws {
    for (kind, count) in counts.enumerated() {
      let place = "\(folder)/\(classes[kind])"
      try FileManager.default.createDirectory(atPath: place, withIntermediateDirectories: true)
      for index in 0..<count {
        let name = "\(place)/\(classes[kind])-\(100 + index).ppm"
        try Data(picture(kind: kind, seed: seed + index)).write(to: URL(fileURLWithPath: name))
      }
    }
  }

  /// Divided, with a rare class.
  static func writeDivided(_ folder: String) throws {
    try write(folder + "/Train", counts: [18, 13, 6], seed: 0)
    try write(folder + "/Validation", counts: [5, 5, 4], seed: 100)
    try write(folder + "/Test", counts: [7, 6, 5], seed: 200)
  }
}
