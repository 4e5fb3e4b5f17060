import NunchiTensors
import Testing

struct ShapeTests {
  @Test func extents() {
    let shape: Shape = [2, 3, 4]
    #expect(shape.count == 24)
    #expect(shape.strides == [12, 4, 1])
    #expect(shape.channels == 4)
    #expect(shape.rows == 6)
    #expect(shape.description == "[2, 3, 4]")
  }

  @Test func scalar() {
    #expect(Shape.scalar.count == 1)
    #expect(Shape.scalar.strides == [])
    #expect(Shape.scalar.channels == 1)
    #expect(Shape.scalar.rows == 1)
  }
}

struct TensorTests {
  @Test func rowsOfEveryType() {
    #expect(Tensor([3, 2], [1, 2, 3, 4, 5, 6]).rows(1..<3) == Tensor([2, 2], [3, 4, 5, 6]))
    #expect(Tensor([3], integers: [7, 8, 9]).rows(0..<1) == Tensor([1], integers: [7]))
    #expect(Tensor([2, 1], bytes: [7, 8]).rows(1..<1) == Tensor([0, 1], bytes: []))
  }

  @Test func floatsOfEveryType() {
    #expect(Tensor([2], bytes: [0, 255]).floats == [0, 255])
    #expect(Tensor([2], integers: [-1, 3]).floats == [-1, 3])
  }
}

struct AlignedMemoryTests {
  @Test(arguments: [0, 1, 63, 64, 4096, 5000, 9 << 20])
  func isAlignedAndZero(bytes: Int) {
    let memory = AlignedMemory(byteCount: bytes)
    #expect(UInt(bitPattern: memory.base) % 64 == 0)
    let contents = UnsafeRawBufferPointer(start: memory.base, count: bytes)
    #expect(contents.allSatisfy { $0 == 0 })
  }

  /// Guarded memory must still be writable to its last byte.
  @Test(arguments: [1, 100, 4096, 4097])
  func guardedIsUsable(bytes: Int) {
    let memory = AlignedMemory(byteCount: bytes, guarded: true)
    memory.base.storeBytes(of: 7, toByteOffset: bytes - 1, as: UInt8.self)
    #expect(UInt(bitPattern: memory.base) % 64 == 0)
    #expect(memory.base.load(fromByteOffset: bytes - 1, as: UInt8.self) == 7)
  }

  @Test func copiesAreIndependent() {
    let memory = AlignedMemory(byteCount: 8)
    memory.floats[1] = 3
    let copy = memory.copy()
    memory.floats[1] = 4
    #expect(copy.floats[1] == 3)
  }
}

private let expectedVariances: [(Initializer, Double)] = [
  (.he, 2.0 / 50), (.leCun, 1.0 / 50), (.xavier, 2.0 / 150), (.torchDefault, 1.0 / 150),
  (.normal(deviation: 0.3), 0.09), (.uniform(bound: 0.6), 0.12),
]

struct InitializerTests {
  private func values(_ initializer: Initializer, fanIn: Int = 50, fanOut: Int = 100) -> [Float] {
    var stream = RandomStream(seed: 5, name: "initializer")
    return initializer.values(count: 100_000, fanIn: fanIn, fanOut: fanOut, from: &stream)
  }

  private func variance(_ values: [Float]) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) } / Double(values.count)
  }

  /// The variance of each rule within 1 % (over two deviations of the estimate): fan-in taken for fan-out, deviation
  /// taken for variance.
  @Test(arguments: expectedVariances)
  func variances(initializer: Initializer, expected: Double) {
    #expect(abs(variance(values(initializer)) / expected - 1) < 0.01)
  }

  @Test func constants() {
    #expect(Set(values(.zeros)) == [0])
    #expect(Set(values(.ones)) == [1])
    #expect(Set(values(.constant(0.25))) == [0.25])
  }

  @Test func bounds() {
    let bound = (6 / Float(150)).squareRoot()
    #expect(values(.xavier).allSatisfy { abs($0) <= bound })
    #expect(values(.torchDefault).allSatisfy { abs($0) <= 1 / Float(50).squareRoot() })
  }
}
