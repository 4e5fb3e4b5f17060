import NunchiTensors
import Testing

struct Answer: Sendable {
  let counter: SIMD4<UInt32>
  let key: UInt64
  let block: SIMD4<UInt32>

  init(_ counter: [UInt32], _ key: UInt64, _ block: [UInt32]) {
    (self.counter, self.key, self.block) = (SIMD4(counter), key, SIMD4(block))
  }
}

private let answers = [
  Answer([0, 0, 0, 0], 0, [0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8]),
  Answer([.max, .max, .max, .max], .max, [0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD]),
  Answer(
    [0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344], 0x299F_31D0_A409_3822,
    [0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1]),
]

struct PhiloxTests {
  /// Random123's published vectors for philox4x32-10: a wrong constant, word order or number of rounds.
  @Test(arguments: answers)
  func knownAnswers(known: Answer) {
    #expect(Philox.block(known.counter, key: known.key) == known.block)
  }

  /// The stream must be the blocks in counter order, four numbers each.
  @Test func streamIsItsBlocks() {
    var stream = RandomStream(seed: 7, name: "x", position: (3, 4))
    let key = Philox.key(seed: 7, stream: Philox.stream("x"))
    for counter in 0..<3 as Range<UInt32> {
      let block = Philox.block(SIMD4(counter, 0, 3, 4), key: key)
      for lane in 0..<4 { #expect(stream.next32() == block[lane]) }
    }
  }

  /// Streams that should differ must not share numbers.
  @Test func streamsDiffer() {
    func first(_ seed: UInt64, _ name: String, _ position: (UInt32, UInt32) = (0, 0)) -> UInt64 {
      var stream = RandomStream(seed: seed, name: name, position: position)
      return stream.next()
    }
    let all = [first(0, "a"), first(1, "a"), first(0, "b"), first(0, "a", (1, 0)), first(0, "a", (0, 1))]
    #expect(Set(all).count == all.count)
  }

  @Test func uniformIsUniform() {
    var stream = RandomStream(seed: 1, name: "uniform")
    let values = (0..<40_000).map { _ in Double(stream.uniform()) }
    #expect(values.allSatisfy { $0 >= 0 && $0 < 1 })
    let mean = values.reduce(0, +) / 40_000
    // Five deviations of the mean: 1/√12/√40000.
    #expect(abs(mean - 0.5) < 5 * 0.00144)
  }

  @Test func normalIsNormal() {
    var stream = RandomStream(seed: 1, name: "normal")
    let values = (0..<40_000).map { _ in Double(stream.normal()) }
    let mean = values.reduce(0, +) / 40_000
    let variance = values.reduce(0) { $0 + $1 * $1 } / 40_000
    let kurtosis = values.reduce(0) { $0 + $1 * $1 * $1 * $1 } / 40_000
    #expect(abs(mean) < 5 * 0.005)
    #expect(abs(variance - 1) < 5 * 0.0071)
    #expect(abs(kurtosis - 3) < 5 * 0.05)
  }

  @Test func permutationsHoldEveryNumber() {
    var stream = RandomStream(seed: 3, name: "permutation")
    let order = stream.permutation(1000)
    #expect(order.sorted() == Array(0..<1000))
    #expect(order != Array(0..<1000))
    #expect(stream.permutation(0) == [])
  }

  /// Every place equally often in the first position: an off-by-one in Fisher–Yates.
  @Test func permutationsAreFair() {
    var stream = RandomStream(seed: 3, name: "fair")
    var counts = [0, 0, 0, 0]
    for _ in 0..<8000 { counts[stream.permutation(4)[0]] += 1 }
    for count in counts { #expect(abs(Double(count) - 2000) < 5 * 38.7) }
  }
}
