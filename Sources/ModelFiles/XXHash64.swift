import NunchiSystem

/// The XXH64 checksum of bytes added piece by piece. It finds damage; it is no protection against an attacker.
package struct XXHash64 {
  private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
  private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
  private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
  private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
  private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5
  private static let stripe = 32

  private var lanes = SIMD4<UInt64>(prime1 &+ prime2, prime2, 0, 0 &- prime1)
  private var pending: [UInt8] = []
  private var length: UInt64 = 0

  package init() {}

  package mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  package mutating func update(_ integer: Int) {
    withUnsafeBytes(of: UInt64(bitPattern: Int64(integer)).littleEndian) { update($0) }
  }

  package mutating func update(_ bytes: UnsafeRawBufferPointer) {
    length &+= UInt64(bytes.count)
    var rest = bytes[...]
    if !pending.isEmpty {
      let head = rest.prefix(Self.stripe - pending.count)
      pending.append(contentsOf: head)
      rest = rest.dropFirst(head.count)
      guard pending.count == Self.stripe else { return }
      lanes = pending.withUnsafeBytes { Self.mixed(lanes, $0) }
      pending.removeAll(keepingCapacity: true)
    }
    let whole = rest.count / Self.stripe * Self.stripe
    lanes = Self.mixed(lanes, UnsafeRawBufferPointer(rebasing: rest.prefix(whole)))
    pending.append(contentsOf: rest.dropFirst(whole))
  }

  private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
    UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
  }

  private static func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { value << bits | value >> (64 - bits) }

  private static func round(_ lane: UInt64, _ input: UInt64) -> UInt64 {
    rotated(lane &+ input &* prime2, 31) &* prime1
  }

  /// The lanes after mixing in whole stripes.
  private static func mixed(_ lanes: SIMD4<UInt64>, _ bytes: UnsafeRawBufferPointer) -> SIMD4<UInt64> {
    var (a, b, c, d) = (lanes.x, lanes.y, lanes.z, lanes.w)
    for offset in stride(from: 0, to: bytes.count, by: stripe) {
      a = round(a, word(bytes, offset))
      b = round(b, word(bytes, offset + 8))
      c = round(c, word(bytes, offset + 16))
      d = round(d, word(bytes, offset + 24))
    }
    return SIMD4(a, b, c, d)
  }

  /// The checksum as files have it: `xxh64:` and 16 hexadecimal digits.
  package var text: String { "xxh64:" + NumberText.padded(value, 16, radix: 16) }

  /// The checksum of all bytes so far.
  package var value: UInt64 {
    var hash = Self.prime5
    if length >= UInt64(Self.stripe) {
      hash =
        Self.rotated(lanes.x, 1) &+ Self.rotated(lanes.y, 7) &+ Self.rotated(lanes.z, 12)
        &+ Self.rotated(lanes.w, 18)
      for lane in 0..<4 { hash = (hash ^ Self.round(0, lanes[lane])) &* Self.prime1 &+ Self.prime4 }
    }
    hash &+= length
    hash = pending.withUnsafeBytes { Self.tail(hash, $0) }
    hash = (hash ^ hash >> 33) &* Self.prime2
    hash = (hash ^ hash >> 29) &* Self.prime3
    return hash ^ hash >> 32
  }

  private static func tail(_ start: UInt64, _ bytes: UnsafeRawBufferPointer) -> UInt64 {
    var hash = start
    var offset = 0
    while offset + 8 <= bytes.count {
      hash = rotated(hash ^ round(0, word(bytes, offset)), 27) &* prime1 &+ prime4
      offset += 8
    }
    if offset + 4 <= bytes.count {
      let half = UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
      hash = rotated(hash ^ UInt64(half) &* prime1, 23) &* prime2 &+ prime3
      offset += 4
    }
    while offset < bytes.count {
      hash = rotated(hash ^ UInt64(bytes[offset]) &* prime5, 11) &* prime1
      offset += 1
    }
    return hash
  }
}
