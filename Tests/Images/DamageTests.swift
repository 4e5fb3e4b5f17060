import ImageSamples
import NunchiImages
import NunchiTensors
import Testing

/// Against crashes, leaks of uninitialised rows, and files that break off but pass for whole.
@Suite struct DamageTests {
  private func files() throws -> [[UInt8]] {
    let image = gradient(width: 24, height: 20)
    let writer = PNGWriter(width: 9, height: 9, bitDepth: 8, colourType: 6)
    let form = { (x: Int, y: Int) in [x * 20, y * 20, 7, x * 25] }
    return try [
      image.encodedJPEG(), scene(width: 24, height: 20, channels: 1).encodedJPEG(), image.encodedPNG(),
      writer.file(form), writer.file(interlaced: true, form),
      Array("P6 4 4 255\n".utf8) + [UInt8](repeating: 5, count: 48),
    ]
  }

  @Test func everyPrefixIsRefusedOrWhole() throws {
    for file in try files() {
      let whole = try ImageDecoder().decode(file)
      for count in 0..<file.count {
        let prefix = Array(file.prefix(count))
        // The last bytes of a file may be no more than its end marker.
        if let image = try? ImageDecoder().decode(prefix) {
          #expect(image == whole)
          #expect(count >= file.count - 24, "\(count) of \(file.count) bytes pass for whole")
        }
      }
    }
  }

  @Test func rowsBeforeTheDamageAreCounted() throws {
    let image = scene(width: 128, height: 128)
    for file in [try image.encodedPNG(level: 0), try image.encodedJPEG()] {
      let error = try #require(decodingError(Array(file.prefix(file.count * 6 / 10))))
      guard case .damaged(_, _, let rows, let height) = error.reason else {
        Issue.record("\(error)")
        continue
      }
      #expect(height == 128)
      #expect((48..<90).contains(rows), "\(rows) rows")
    }
  }

  @Test func mutatedFilesNeverCrash() throws {
    var stream = RandomStream(seed: 7, name: "mutations")
    for file in try files() {
      for _ in 0..<700 {
        var mutated = file
        for _ in 0...stream.integer(below: 6) {
          let place = stream.integer(below: mutated.count)
          switch stream.integer(below: 4) {
          case 0: mutated[place] = UInt8(stream.integer(below: 256))
          case 1: mutated[place] ^= 1 << UInt8(stream.integer(below: 8))
          case 2: mutated.remove(at: place)
          default: mutated.insert(stream.flip(0.5) ? 0xFF : 0, at: place)
          }
          if mutated.isEmpty { break }
        }
        _ = try? ImageDecoder(pixelLimit: 1_000_000).decode(mutated)
      }
    }
  }
}
