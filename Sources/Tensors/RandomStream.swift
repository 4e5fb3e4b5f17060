import NunchiSystem

/// Philox4x32-10: a counter-based random generator. A block of four numbers is a pure function of key and counter, so
/// the numbers do not depend on who draws them, in which order, or on how many threads.
package enum Philox {
  @inlinable
  package static func block(_ counter: SIMD4<UInt32>, key: UInt64) -> SIMD4<UInt32> {
    var c = counter
    var k0 = UInt32(truncatingIfNeeded: key)
    var k1 = UInt32(truncatingIfNeeded: key >> 32)
    for _ in 0..<10 {
      let first = UInt64(c.x) &* 0xD251_1F53
      let second = UInt64(c.z) &* 0xCD9E_8D57
      c = SIMD4(
        UInt32(truncatingIfNeeded: second >> 32) ^ c.y ^ k0, UInt32(truncatingIfNeeded: second),
        UInt32(truncatingIfNeeded: first >> 32) ^ c.w ^ k1, UInt32(truncatingIfNeeded: first))
      k0 &+= 0x9E37_79B9
      k1 &+= 0xBB67_AE85
    }
    return c
  }

  /// A 64-bit key from a seed and the identity of the stream (SplitMix64's finaliser over both).
  package static func key(seed: UInt64, stream: UInt64) -> UInt64 {
    mix(mix(seed &+ 0x9E37_79B9_7F4A_7C15) ^ stream)
  }

  /// The identity of a named stream: FNV-1a over its bytes.
  package static func stream(_ name: String) -> UInt64 {
    name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
  }

  private static func mix(_ value: UInt64) -> UInt64 {
    var z = value
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// A sequence of random numbers: the blocks of one key, in counter order.
public struct RandomStream: RandomNumberGenerator, Sendable {
  private var key: UInt64
  private var counter: SIMD4<UInt32>
  private var block = SIMD4<UInt32>()
  private var used = 4

  /// - Parameters:
  ///   - seed: the user's seed.
  ///   - name: what the numbers are for; another name gives independent numbers.
  ///   - position: further coordinates, such as epoch and occurrence.
  public init(seed: UInt64, name: String, position: (UInt32, UInt32) = (0, 0)) {
    key = Philox.key(seed: seed, stream: Philox.stream(name))
    counter = SIMD4(0, 0, position.0, position.1)
  }

  /// An independent stream for one of several uses: a pure function of this stream's name and `index`, whatever was drawn
  /// before.
  public func part(_ index: Int) -> RandomStream {
    var part = self
    part.key = Philox.key(seed: key, stream: UInt64(truncatingIfNeeded: index) &+ 1)
    part.counter = SIMD4(0, 0, counter.z, counter.w)
    part.used = 4
    return part
  }

  /// The next 32 random bits.
  public mutating func next32() -> UInt32 {
    if used == 4 {
      block = Philox.block(counter, key: key)
      counter.x &+= 1
      used = 0
    }
    defer { used += 1 }
    return block[used]
  }

  /// The next 64 random bits.
  public mutating func next() -> UInt64 { UInt64(next32()) << 32 | UInt64(next32()) }

  /// A number in [0, 1), a multiple of 2⁻²⁴.
  public mutating func uniform() -> Float { Float(next32() >> 8) * 0x1p-24 }

  /// A number in [`range.lowerBound`, `range.upperBound`).
  public mutating func uniform(_ range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * uniform()
  }

  /// An integer in 0..<`bound`.
  public mutating func integer(below bound: Int) -> Int {
    Int((UInt64(next32()) &* UInt64(bound)) >> 32)
  }

  /// `true` with the probability `chance`.
  public mutating func flip(_ chance: Float) -> Bool { uniform() < chance }

  /// A draw from the normal distribution with mean 0 and deviation 1 (Box–Muller).
  public mutating func normal() -> Float {
    let u = Double(next32() >> 8) * 0x1p-24 + 0x1p-25
    let v = Double(uniform())
    return Float((-2 * log(u)).squareRoot() * cos(2 * Double.pi * v))
  }

  /// A permutation of `0..<count` (Fisher–Yates).
  public mutating func permutation(_ count: Int) -> [Int] {
    var order = Array(0..<count)
    for last in stride(from: count - 1, to: 0, by: -1) { order.swapAt(last, integer(below: last + 1)) }
    return order
  }
}
