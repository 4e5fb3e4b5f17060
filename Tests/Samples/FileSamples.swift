/// Small files of every form that is read.
package enum FileSamples {
  package static var all: [(name: String, bytes: [UInt8])] { jpeg + png + webp + gif + bmp + pnm }

  private static var jpeg: [(name: String, bytes: [UInt8])] {
    let turn = exif(orientation: 6, bigEndian: true)
    let segment = Array("Exif".utf8) + [0, 0] + turn
    let tag = [0xFF, 0xE1] + bigEndian(segment.count + 2, 2) + segment
    return [
      ("jpeg progressive", JPEGSamples.progressive), ("jpeg cmyk", JPEGSamples.cmyk), ("jpeg ycck", JPEGSamples.ycck),
      ("jpeg plain cmyk", JPEGSamples.plainCMYK),
      ("jpeg turned", JPEGSamples.progressive[..<2] + tag + JPEGSamples.progressive[2...]),
    ]
  }

  private static var png: [(name: String, bytes: [UInt8])] {
    let palette = (0..<48).map { UInt8($0 * 5) }
    var files: [(name: String, bytes: [UInt8])] = []
    for interlaced in [false, true] {
      for (type, depth, samples) in [(0, 1, 1), (0, 16, 1), (2, 8, 3), (3, 4, 1), (4, 8, 2), (6, 8, 4), (6, 16, 4)] {
        var writer = PNGWriter(width: 9, height: 10, bitDepth: depth, colourType: UInt8(type))
        if type == 3 { (writer.palette, writer.transparency) = (palette, [0, 128]) }
        let file = writer.file(interlaced: interlaced) { x, y in
          (0..<samples).map { sample in (x * 7 + y * 5 + sample * 11) * (1 << depth - 1) / 200 % (1 << depth) }
        }
        files.append(("png type \(type) depth \(depth)\(interlaced ? " interlaced" : "")", file))
      }
    }
    var turned = PNGWriter(width: 5, height: 4, bitDepth: 8, colourType: 0)
    turned.extra = [("eXIf", exif(orientation: 8, bigEndian: false)), ("tEXt", Array("Title".utf8) + [0, 65, 66])]
    files.append(("png turned", turned.file { x, y in [x * 9 + y] }))
    turned.extra = [PNGText.compressed(PNGText.profileName, PNGText.profile(exif(orientation: 6, bigEndian: true)))]
    turned.trailing = [PNGText.international(PNGText.packetName, PNGText.packet(orientation: 3), isCompressed: true)]
    return files + [("png turned by texts", turned.file { x, y in [x * 9 + y] })]
  }

  private static var webp: [(name: String, bytes: [UInt8])] {
    [
      ("webp lossless", WebPSamples.lossless), ("webp transparent", WebPSamples.transparent),
      ("webp turned", WebPSamples.turned), ("webp lossy", WebPSamples.lossy),
      ("webp lossy transparent", WebPSamples.lossyTransparent), ("webp animation", WebPSamples.animation),
    ]
  }

  private static var gif: [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    for (colours, interlaced) in [(2, false), (256, false), (2, true), (256, true)] {
      var palette: [UInt8] = []
      for index in 0..<colours { palette += [UInt8(index), UInt8(255 - index), UInt8(index / 2)] }
      var writer = GIFWriter(width: 12, height: 9, palette: palette)
      (writer.isInterlaced, writer.transparent) = (interlaced, 1)
      (writer.canvas, writer.left, writer.top) = ((16, 10), 3, 1)
      files.append(("gif of \(colours)\(interlaced ? " interlaced" : "")", writer.file { ($0 * $1 + $0) % colours }))
    }
    return files
  }

  private static var bmp: [(name: String, bytes: [UInt8])] {
    var files: [(name: String, bytes: [UInt8])] = []
    for (bits, size, height) in [(1, 12, 5), (4, 40, 5), (8, 124, 5), (16, 40, -5), (24, 40, 5), (32, 40, -5)] {
      var writer = BMPWriter(width: 7, height: height, bits: bits)
      writer.headerSize = size
      if bits <= 8 { writer.palette = (0..<3 << bits).map { UInt8(truncatingIfNeeded: $0 * 5) } }
      files.append(("bmp \(bits) bits", writer.file { ($0 * 321 + $1 * 77) % (1 << min(bits, 24)) }))
    }
    var fields = BMPWriter(width: 6, height: 4, bits: 32)
    (fields.headerSize, fields.compression, fields.masks) = (108, 3, [0xFF, 0xFF00, 0xFF_0000, 0xFF00_0000])
    var runs = BMPWriter(width: 5, height: 3, bits: 8)
    (runs.compression, runs.palette) = (1, [0, 0, 0, 9, 8, 7])
    return files + [
      ("bmp fields", fields.file { 0x10_2030 * $0 + 0x2000_0000 * $1 }),
      ("bmp runs", runs.file(data: [5, 1, 0, 0, 0, 2, 1, 0, 0, 3, 1, 0, 1, 0, 0, 0, 5, 1, 0, 1])),
    ]
  }

  private static var pnm: [(name: String, bytes: [UInt8])] {
    let samples = (0..<64).map { UInt8($0 * 4) }
    return [
      ("pnm 1", Array("P1\n3 2\n101\n0 1 0".utf8)), ("pnm 2", Array("P2 2 2 100 0 50\n100\t7".utf8)),
      ("pnm 3", Array("P3 # colours\n1 2 255 1 2 3 4 5 6".utf8)), ("pnm 4", Array("P4 10 2\n".utf8) + samples[..<4]),
      ("pnm 5", Array("P5 8 8 255\n".utf8) + samples), ("pnm 6", Array("P6 2 3 65535\n".utf8) + samples[..<36]),
      ("pnm 7", Array("P7\nWIDTH 2\nHEIGHT 2\nDEPTH 4\nMAXVAL 255\nENDHDR\n".utf8) + samples[..<16]),
    ]
  }
}
