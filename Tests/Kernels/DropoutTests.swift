import NunchiKernels
import NunchiTensors
import Testing

@Suite struct DropoutTests {
  /// Which element is dropped is decided by the very bits of the Swift generator.
  @Test func dropsByTheBlocksOfPhilox() {
    var random = RandomStream(seed: 25, name: "dropout")
    for count in Array(0...33) + [63, 64, 65, 200, 1001] {
      let x = random.numbers(count, 1...2)
      let (key, step) = (random.next() as UInt64, random.next() as UInt64)
      // Also where the counter's word wraps round.
      let first = count % 7 == 0 ? UInt64(UInt32.max) * 4 : UInt64(random.next32()) / 4 * 4
      let micro = random.next32()
      let threshold = random.next32()
      var expected = Expectation()
      for (index, x) in x.enumerated() {
        let element = first + UInt64(index)
        let counter = SIMD4(
          UInt32(truncatingIfNeeded: element / 4), micro, UInt32(truncatingIfNeeded: step),
          UInt32(truncatingIfNeeded: step >> 32))
        let word = Philox.block(counter, key: key)[Int(element % 4)]
        expected.append(word < threshold ? 0 : Double(x * 1.25), within: 0)
      }
      check("dropout \(count) from \(first)", expected) { table in
        let (source, y) = (Guarded(x), Guarded<Float>(count: count))
        withExtendedLifetime(source) {
          table.dropout(source.constant, y.pointer, Int64(count), first, key, step, micro, threshold, 1.25)
        }
        return y.elements
      }
    }
  }

  @Test func keepsTheShareItPromises() {
    for table in tables {
      let (source, y) = (Guarded([Float](repeating: 1, count: 100_000)), Guarded<Float>(count: 100_000))
      withExtendedLifetime(source) {
        table.dropout(source.constant, y.pointer, 100_000, 0, 42, 7, 0, UInt32(0.3 * 0x1p32), 1)
      }
      // Five standard deviations of a binomial count.
      #expect(abs(y.elements.reduce(0, +) - 70_000) < 725)
    }
  }
}
