/// SHA-256 as FIPS 180-4 states it, apart from the one that the program uses.
enum Digest {
  private static let primes: [UInt64] = {
    var found: [UInt64] = []
    var candidate: UInt64 = 2
    while found.count < 64 {
      if !found.contains(where: { candidate % $0 == 0 }) { found.append(candidate) }
      candidate += 1
    }
    return found
  }()

  /// The first 32 bits behind the point of a root of `prime`, found in whole numbers: floor(prime^(1/degree) · 2^32).
  private static func fraction(_ prime: UInt64, degree: Int) -> UInt32 {
    var root: UInt64 = 0
    for bit in stride(from: UInt64(35), through: 0, by: -1) {
      let trial = root | 1 << bit
      // trial^degree <= prime · 2^(32 · degree), in 128 bits.
      let wide = UInt128(trial)
      let power = degree == 2 ? wide * wide : wide * wide * wide
      if power <= UInt128(prime) << (32 * degree) { root = trial }
    }
    return UInt32(truncatingIfNeeded: root)
  }

  private static let constants = primes.map { fraction($0, degree: 3) }
  private static let start = primes.prefix(8).map { fraction($0, degree: 2) }

  static func sha256(_ bytes: some Collection<UInt8>) -> String {
    var message = Array(bytes)
    let bits = UInt64(message.count) * 8
    message.append(0x80)
    message += [UInt8](repeating: 0, count: (120 - message.count % 64) % 64)
    for shift in stride(from: UInt64(56), through: 0, by: -8) {
      message.append(UInt8(truncatingIfNeeded: bits >> shift))
    }
    var state = start
    var words = [UInt32](repeating: 0, count: 64)
    for block in stride(from: 0, to: message.count, by: 64) {
      for t in 0..<16 {
        words[t] = (0..<4).reduce(0) { $0 << 8 | UInt32(message[block + 4 * t + $1]) }
      }
      for t in 16..<64 {
        let (a, b) = (words[t - 15], words[t - 2])
        words[t] =
          words[t - 16] &+ (turned(a, 7) ^ turned(a, 18) ^ a >> 3) &+ words[t - 7]
          &+ (turned(b, 17) ^ turned(b, 19) ^ b >> 10)
      }
      compress(&state, words)
    }
    return state.map { word in
      let text = String(word, radix: 16)
      return String(repeating: "0", count: 8 - text.count) + text
    }
    .joined()
  }

  private static func turned(_ x: UInt32, _ count: UInt32) -> UInt32 { x >> count | x << (32 - count) }

  private static func compress(_ state: inout [UInt32], _ words: [UInt32]) {
    var v = state
    for t in 0..<64 {
      let choice = (v[4] & v[5]) ^ (~v[4] & v[6])
      let majority = (v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2])
      let first =
        v[7] &+ (turned(v[4], 6) ^ turned(v[4], 11) ^ turned(v[4], 25)) &+ choice &+ constants[t] &+ words[t]
      let second = (turned(v[0], 2) ^ turned(v[0], 13) ^ turned(v[0], 22)) &+ majority
      v = [first &+ second, v[0], v[1], v[2], v[3] &+ first, v[4], v[5], v[6]]
    }
    for index in state.indices { state[index] &+= v[index] }
  }
}
