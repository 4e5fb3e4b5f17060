/// BMP: Windows' headers from OS/2's core one to version 5, 1 to 32 bits, palettes, bit fields, runs, rows from the bottom
/// or from the top. A palette's pictures are colour pictures; alpha lies over white, unless it is zero everywhere.
struct Bitmap {
  /// OS/2's core header, Windows' first, with bit fields, OS/2's second, and Windows' versions 4 and 5.
  static let headerSizes: Set<Int> = [12, 16, 40, 52, 56, 64, 108, 124]

  /// How a row's bytes are pixels.
  enum Layout {
    /// Indices of 1, 2, 4 or 8 bits.
    case indexed(bits: Int)
    /// Runs of indices of 4 or 8 bits.
    case runs(bits: Int)
    /// Blue, green, red.
    case triples
    /// Bits of a word of 2 or 4 bytes.
    case packed(bytes: Int, Channels)
  }

  /// Which bits of a word are what.
  struct Channels {
    var red: Field
    var green: Field
    var blue: Field
    var alpha: Field
  }

  /// The bits of a mask as a number of eight bits.
  struct Field {
    let shift: UInt32
    let top: UInt32

    init(mask: UInt32) {
      shift = mask == 0 ? 0 : UInt32(mask.trailingZeroBitCount)
      top = mask >> shift
    }

    func value(_ word: UInt32) -> Int {
      top == 0 ? 0 : Int((UInt64(word >> shift & top) * 255 + UInt64(top / 2)) / UInt64(top))
    }
  }

  let width: Int
  let height: Int
  let isTopDown: Bool
  let layout: Layout
  /// Where the pixels begin in the file.
  let start: Int
  /// Red, green, blue of each index.
  let palette: [UInt8]

  var stored: StoredPicture {
    switch layout {
    // A run of 255 pixels takes two bytes, and what no run covers takes none: more than this is not believed.
    case .runs: StoredPicture(width: width, height: height, channels: 3, pixelsPerByte: 4096)
    case .indexed(let bits): StoredPicture(width: width, height: height, channels: 3, pixelsPerByte: 8 / bits)
    case .triples, .packed: StoredPicture(width: width, height: height, channels: 3, pixelsPerByte: 1)
    }
  }

  init(_ bytes: [UInt8]) throws(ImageError) {
    func number(_ offset: Int, _ count: Int) throws(ImageError) -> Int {
      guard offset >= 0, offset + count <= bytes.count else { throw Self.damaged("the file ends too early") }
      return (0..<count).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }
    let size = try number(14, 4)
    guard Self.headerSizes.contains(size) else { throw Self.damaged("a header of \(size) bytes") }
    let isCore = size == 12
    let bits = try number(isCore ? 24 : 28, 2)
    let signedHeight = try isCore ? number(20, 2) : Int(Int32(truncatingIfNeeded: number(22, 4)))
    width = try isCore ? number(18, 2) : Int(Int32(truncatingIfNeeded: number(18, 4)))
    height = abs(signedHeight)
    isTopDown = signedHeight < 0
    start = try number(10, 4)
    guard width > 0, height > 0 else { throw Self.damaged("\(width)x\(signedHeight) pixels") }
    let compression = try size < 20 ? 0 : number(30, 4)
    // The first Windows header has its masks behind it, the others inside.
    let masksBehind = size == 40 && (compression == 3 || compression == 6)
    let masks = try Self.masks(bits: bits, compression: compression, alpha: size >= 56 || compression == 6) {
      (index) throws(ImageError) in
      try UInt32(number(54 + 4 * index, 4))
    }
    layout = try Self.layout(bits: bits, compression: compression, masks)
    guard bits <= 8 else {
      palette = []
      return
    }
    let entry = isCore ? 3 : 4
    let first = 14 + size + (masksBehind ? 12 : 0)
    let used = try size < 40 ? 0 : number(46, 4)
    let end = min(start > first ? start : bytes.count, bytes.count)
    let count = min(used > 0 ? used : 1 << bits, 1 << bits, max(end - first, 0) / entry)
    palette = (0..<count).flatMap { index in (0..<3).map { bytes[first + entry * index + 2 - $0] } }
  }

  private static func damaged(_ detail: String, rows: Int = 0, of height: Int = 0) -> ImageError {
    ImageError(.damaged(.bmp, detail: detail, readableRows: rows, height: height))
  }

  /// The masks of 16 and 32 bits: five bits each, eight bits each, or those of the file.
  private static func masks(
    bits: Int, compression: Int, alpha hasAlpha: Bool, _ mask: (Int) throws(ImageError) -> UInt32
  ) throws(ImageError) -> Channels {
    guard compression == 3 || compression == 6 else {
      let (red, green, blue): (UInt32, UInt32, UInt32) =
        bits == 16 ? (0x7C00, 0x3E0, 0x1F) : (0xFF0000, 0xFF00, 0xFF)
      return Channels(
        red: Field(mask: red), green: Field(mask: green), blue: Field(mask: blue), alpha: Field(mask: 0))
    }
    return try Channels(
      red: Field(mask: mask(0)), green: Field(mask: mask(1)), blue: Field(mask: mask(2)),
      alpha: Field(mask: hasAlpha ? mask(3) : 0))
  }

  private static func layout(bits: Int, compression: Int, _ masks: Channels) throws(ImageError) -> Layout {
    switch (compression, bits) {
    case (0, 1), (0, 2), (0, 4), (0, 8): .indexed(bits: bits)
    case (1, 8), (2, 4): .runs(bits: bits)
    case (0, 24): .triples
    case (0, 16), (0, 32), (3, 16), (3, 32), (6, 16), (6, 32): .packed(bytes: bits / 8, masks)
    default: throw damaged("\(bits) bits with compression \(compression)")
    }
  }

  // MARK: Pixels

  func decode(_ bytes: [UInt8], to pixels: UnsafeMutablePointer<UInt8>) throws(ImageError) {
    switch layout {
    case .runs(let bits): try decodeRuns(bytes, bits: bits, to: pixels)
    case .indexed(let bits):
      try eachRow(bytes, bits: bits) { place, y in
        for x in 0..<width {
          let bit = x * bits
          let index = Int(bytes[place + bit / 8]) >> (8 - bits - bit % 8) & (1 << bits - 1)
          paint(index, to: pixels + (y * width + x) * 3)
        }
      }
    case .triples:
      try eachRow(bytes, bits: 24) { place, y in
        var target = pixels + y * width * 3
        for source in stride(from: place, to: place + 3 * width, by: 3) {
          for channel in 0..<3 { target[channel] = bytes[source + 2 - channel] }
          target += 3
        }
      }
    case .packed(let size, let channels): try decodeWords(bytes, size, channels, to: pixels)
    }
  }

  /// Calls `body` with the place of each row that the file holds, and its number from the top.
  private func eachRow(_ bytes: [UInt8], bits: Int, _ body: (_ place: Int, _ y: Int) -> Void) throws(ImageError) {
    let rowBytes = (width * bits + 31) / 32 * 4
    // The last row need not be filled up.
    let available = max(bytes.count - start + rowBytes - (width * bits + 7) / 8, 0) / rowBytes
    guard start >= 14, available >= height else {
      throw Self.damaged("the file ends too early", rows: start >= 14 ? available : 0, of: height)
    }
    for row in 0..<height { body(start + row * rowBytes, isTopDown ? row : height - 1 - row) }
  }

  /// An index beyond the palette is black.
  private func paint(_ index: Int, to target: UnsafeMutablePointer<UInt8>) {
    let known = 3 * index + 2 < palette.count
    for channel in 0..<3 { target[channel] = known ? palette[3 * index + channel] : 0 }
  }

  private func decodeWords(
    _ bytes: [UInt8], _ size: Int, _ channels: Channels, to pixels: UnsafeMutablePointer<UInt8>
  ) throws(ImageError) {
    func word(_ place: Int) -> UInt32 {
      (0..<size).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
    }
    var hasAlpha = false
    if channels.alpha.top > 0 {
      // Many writers leave the alpha that they declare at zero and mean an opaque picture.
      try eachRow(bytes, bits: 8 * size) { place, _ in
        hasAlpha = hasAlpha || (0..<width).contains { channels.alpha.value(word(place + size * $0)) > 0 }
      }
    }
    try eachRow(bytes, bits: 8 * size) { place, y in
      for x in 0..<width {
        let word = word(place + size * x)
        let alpha = hasAlpha ? channels.alpha.value(word) : 255
        let target = pixels + (y * width + x) * 3
        target[0] = overWhite(channels.red.value(word), alpha)
        target[1] = overWhite(channels.green.value(word), alpha)
        target[2] = overWhite(channels.blue.value(word), alpha)
      }
    }
  }

  /// What no run covers has index 0.
  private func decodeRuns(
    _ bytes: [UInt8], bits: Int, to pixels: UnsafeMutablePointer<UInt8>
  ) throws(ImageError) {
    for pixel in 0..<width * height { paint(0, to: pixels + 3 * pixel) }
    var (place, x, row) = (start, 0, 0)
    func set(_ index: Int) {
      guard x < width, row < height else { return }
      paint(index, to: pixels + ((isTopDown ? row : height - 1 - row) * width + x) * 3)
      x += 1
    }
    /// Sample `index` of those that begin at `place`.
    func sample(_ place: Int, _ index: Int) -> Int {
      bits == 8 ? Int(bytes[place + index]) : Int(bytes[place + index / 2]) >> (index % 2 == 0 ? 4 : 0) & 15
    }
    while row < height {
      guard place >= 14, place + 2 <= bytes.count else { break }
      let (count, code) = (Int(bytes[place]), Int(bytes[place + 1]))
      place += 2
      switch (count, code) {
      case (0, 0): (x, row) = (0, row + 1)
      case (0, 1): return
      case (0, 2):
        guard place + 2 <= bytes.count else { throw Self.damaged("the file ends too early", rows: row, of: height) }
        (x, row) = (x + Int(bytes[place]), row + Int(bytes[place + 1]))
        place += 2
      case (0, _):
        let size = bits == 8 ? code : (code + 1) / 2
        guard place + size <= bytes.count else { throw Self.damaged("the file ends too early", rows: row, of: height) }
        for index in 0..<code { set(sample(place, index)) }
        place += (size + 1) / 2 * 2
      case (_, _):
        for index in 0..<count { set(sample(place - 1, bits == 8 ? 0 : index % 2)) }
      }
    }
    // The mark of the end may be absent behind the last row.
    if row < height - 1 || (row == height - 1 && x < width) {
      throw Self.damaged("the file ends too early", rows: row, of: height)
    }
  }
}

/// `colour·alpha + 255·(1 - alpha)`, rounded.
func overWhite(_ colour: Int, _ alpha: Int) -> UInt8 {
  let value = colour * alpha + 255 * (255 - alpha) + 128
  return UInt8((value + value >> 8) >> 8)
}
