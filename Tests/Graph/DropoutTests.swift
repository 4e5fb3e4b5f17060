import NunchiGraph
import NunchiTensors
import Testing

struct DropoutTests {
  private let count = 100_000

  private func dropped(_ rate: Float, seed: UInt64 = 0, step: UInt64 = 0, mode: Mode = .training) throws -> [Float] {
    try run(
      [count], [Float](repeating: 1, count: count), mode: mode, context: RunState(seed: seed, step: step)
    ) { dropout($0, rate: rate) }.values
  }

  @Test(arguments: [Float(0.1), 0.5, 0.9])
  func keepsTheMeanAndDropsTheShare(rate: Float) throws {
    let y = try dropped(rate)
    let zeros = Float(y.count { $0 == 0 }) / Float(count)
    let mean = y.reduce(0) { $0 + Double($1) } / Double(count)
    #expect(abs(zeros - rate) < 0.01)
    #expect(abs(mean - 1) < (rate > 0.8 ? 0.05 : 0.01))
    #expect(Set(y) == [0, 1 / (1 - rate)])
  }

  @Test func inferenceIsIdentity() throws {
    let graph = try trace(.inference) { $0.output("y", dropout($0.input("x", [4]), rate: 0.5)) }
    #expect(graph.nodes.isEmpty)
    #expect(try dropped(0.5, mode: .inference).allSatisfy { $0 == 1 })
  }

  /// The same seed and step draw the same mask, others another.
  @Test func seedsAndSteps() throws {
    let y = try dropped(0.5)
    #expect(try dropped(0.5) == y)
    #expect(try dropped(0.5, seed: 1) != y)
    #expect(try dropped(0.5, step: 1) != y)
    #expect(try dropped(0.5, step: 1 << 32) != y)
  }

  /// Two layers must not drop the same elements.
  @Test func layersDiffer() throws {
    let y = try run([2000], [Float](repeating: 1, count: 2000), mode: .training) { x in
      let first = x.tracer.within("Dropout", at: nil) { dropout(x, rate: 0.5) }
      let second = x.tracer.within("Dropout", at: nil) { dropout(x, rate: 0.5) }
      return first - second
    }.values
    #expect(abs(Double(y.count { $0 != 0 }) - 1000) < 120)
  }

  /// A rate outside 0..<1 would divide by zero.
  @Test(arguments: [Float(1), -0.1, 2, .nan])
  func badRates(rate: Float) {
    #expect(throws: TraceError.self) { try dropped(rate) }
  }
}
