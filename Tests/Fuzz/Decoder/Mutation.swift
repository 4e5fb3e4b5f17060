import ImageSamples
import NunchiTensors

/// Damaged files, each a pure function of the seed and its number.
struct Mutation {
  private let seeds: [(name: String, bytes: [UInt8])]
  private let seed: UInt64

  init(seeds: [(name: String, bytes: [UInt8])], seed: UInt64) {
    (self.seeds, self.seed) = (seeds, seed)
  }

  /// The damaged file `number`, and the name of the whole one that it comes from.
  func file(_ number: UInt64) -> (name: String, bytes: [UInt8]) {
    let position = (UInt32(truncatingIfNeeded: number), UInt32(truncatingIfNeeded: number >> 32))
    var stream = RandomStream(seed: seed, name: "fuzz", position: position)
    let (name, whole) = seeds[stream.integer(below: seeds.count)]
    var bytes = whole
    for _ in 0...stream.integer(below: 1 << stream.integer(below: 4)) where !bytes.isEmpty {
      damage(&bytes, &stream)
    }
    if name.hasPrefix("png"), stream.flip(0.7) { bytes = PNGWriter.withChecksums(bytes) }
    return (name, bytes)
  }

  private func damage(_ bytes: inout [UInt8], _ stream: inout RandomStream) {
    // Headers decide about memory and paths, so half of all damage is done to the first bytes.
    let reach = stream.flip(0.5) ? min(bytes.count, 64) : bytes.count
    let place = stream.integer(below: reach)
    switch stream.integer(below: 10) {
    case 0, 1: bytes[place] ^= 1 << UInt8(stream.integer(below: 8))
    case 2: bytes[place] = UInt8(stream.integer(below: 256))
    case 3: bytes[place] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF][stream.integer(below: 6)]
    case 4: overwrite(&bytes, place, with: number(of: bytes.count, &stream))
    case 5: bytes.removeSubrange(place..<min(place + 1 + stream.integer(below: 16), bytes.count))
    case 6: bytes.removeSubrange(stream.integer(below: bytes.count)...)
    case 7: bytes.insert(contentsOf: part(of: bytes, &stream), at: place)
    case 8: bytes.insert(contentsOf: part(of: seeds[stream.integer(below: seeds.count)].bytes, &stream), at: place)
    default:
      overwrite(&bytes, place, with: part(of: seeds[stream.integer(below: seeds.count)].bytes, &stream))
    }
  }

  /// A length or size of 2 or 4 bytes that lies at an edge, or at random.
  private func number(of count: Int, _ stream: inout RandomStream) -> [UInt8] {
    let edges = [
      0, 1, 2, 255, 256, 0x7FFF, 0x8000, 0xFFFF, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, count, count - 1, count + 1,
      stream.integer(below: 1 << 16), stream.integer(below: 4096),
    ]
    let value = edges[stream.integer(below: edges.count)]
    let size = stream.flip(0.5) ? 2 : 4
    return stream.flip(0.5) ? bigEndian(value, size) : littleEndian(value, size)
  }

  private func part(of bytes: [UInt8], _ stream: inout RandomStream) -> [UInt8] {
    let start = stream.integer(below: bytes.count)
    return Array(bytes[start..<min(start + 1 + stream.integer(below: 64), bytes.count)])
  }

  private func overwrite(_ bytes: inout [UInt8], _ place: Int, with part: [UInt8]) {
    bytes.replaceSubrange(place..<min(place + part.count, bytes.count), with: part.prefix(bytes.count - place))
  }
}
