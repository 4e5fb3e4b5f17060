/// Something bright before the picture: v ↦ v + (colour - v) · cover, the cover in 1/256 for each pixel of a row.
struct Veil {
  let colour: UInt8

  /// Changes one row of `width` pixels. `covers` are shares in 0...1.
  func draw(_ row: UnsafeMutablePointer<UInt8>, width: Int, channels: Int, covers: UnsafePointer<Float>) {
    withUnsafeTemporaryAllocation(of: UInt16.self, capacity: width * channels) { shares in
      let shares = shares.baseAddress!
      if channels == 1 {
        for x in 0..<width { shares[x] = UInt16(Int32(covers[x] * 256)) }
      } else {
        for x in 0..<width {
          let share = UInt16(truncatingIfNeeded: Int32(covers[x] * 256))
          (shares[3 * x], shares[3 * x + 1], shares[3 * x + 2]) = (share, share, share)
        }
      }
      let colour = UInt16(colour)
      for index in 0..<width * channels {
        let share = shares[index]
        let sum = UInt16(row[index]) &* (256 &- share) &+ colour &* share &+ 128
        row[index] = UInt8(truncatingIfNeeded: sum >> 8)
      }
    }
  }

  /// The same cover everywhere.
  func draw(_ pixels: Pixels, cover: Float) {
    let share = UInt16(cover * 256)
    let rest = UInt16(colour) &* share &+ 128
    for index in 0..<pixels.count {
      pixels.samples[index] = UInt8(
        truncatingIfNeeded: (UInt16(pixels.samples[index]) &* (256 &- share) &+ rest) >> 8)
    }
  }
}
