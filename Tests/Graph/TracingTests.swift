import NunchiGraph
import NunchiTensors
import Testing

struct TracingTests {
  /// The first error is the one that is told, with its chain; what comes after it is a consequence.
  @Test func firstErrorWithItsChain() {
    let error = #expect(throws: TraceError.self) {
      try trace(.inference) { tracer in
        let x = tracer.input("x", [2, 3])
        let y = tracer.within("Outer", at: SourceLocation(file: "App/Model.swift", line: 7)) {
          tracer.within("Inner(3)", at: nil) { multiply(x, x) }
        }
        // A consequence, and an error of its own.
        _ = y + tracer.input("z", [5])
        _ = x + tracer.input("w", [5])
      }
    }
    #expect(
      error?.description == """
        matrix product of [2, 3] and [2, 3]: inner extents 3 and 2 differ
          in Inner(3)
          in Outer at App/Model.swift:7
        """)
  }

  /// A layer that the message already names is not named again.
  @Test func namedLayerIsNotRepeated() {
    let error = #expect(throws: TraceError.self) {
      try trace(.inference) { tracer in
        tracer.within("Outer", at: SourceLocation(file: "A.swift", line: 1)) {
          tracer.within("Inner(3)", at: nil) { tracer.fail("Inner(3) expects more") }
        }
      }
    }
    #expect(error?.description == "Inner(3) expects more\n  in Outer at A.swift:1")
  }

  @Test func poisonSpreadsAndRecordsNothing() throws {
    let tracer = Tracer(mode: .inference)
    let x = tracer.input("x", [2, 3])
    let bad = x + tracer.input("y", [2, 4])
    #expect(bad.isPoisoned)
    for later in [relu(bad), bad * x, x - bad, softmax(bad), bad.flattened(), concatenate([x, bad], axis: 1)] {
      #expect(later.isPoisoned)
    }
    #expect(tracer.graph.nodes.isEmpty)
    let error = #expect(throws: TraceError.self) { _ = try tracer.finish() }
    #expect(error?.description == "add: shapes [2, 3] and [2, 4] do not fit (extents 3 and 4)")
  }

  @Test func paths() {
    let tracer = Tracer(mode: .inference)
    var paths: [String] = []
    tracer.within("Sequential", at: nil) {
      tracer.within("Dense(1 → 2)", at: nil) { paths.append(tracer.path) }
      tracer.within("ReLU", at: nil) { paths.append(tracer.path) }
    }
    tracer.within("ReLU", at: nil) { paths.append(tracer.path) }
    #expect(paths == ["0.Sequential/0.Dense", "0.Sequential/1.ReLU", "1.ReLU"])
  }

  private func needsExactBatch(_ body: (Value) -> Value) throws -> Bool {
    try trace(.training) { $0.output("y", body($0.input("x", [4, 3]))) }.needsExactBatch
  }

  /// What leaves rows alone may run on part of a batch; what mixes them may not.
  @Test func exactBatch() throws {
    #expect(try !needsExactBatch { relu($0) })
    #expect(try !needsExactBatch { softmax($0) })
    #expect(try !needsExactBatch { $0.sum(axes: [0]) })
    #expect(try !needsExactBatch { $0.sum(axes: [1]).batchMean() })
    #expect(try needsExactBatch { $0.mean(axes: [0]) })
    #expect(try needsExactBatch { $0.maximum(axes: [0]) })
    #expect(try needsExactBatch { $0.transposed([1, 0]) })
    #expect(try needsExactBatch { $0.reshaped(to: [3, 4]) })
    #expect(try needsExactBatch { $0.sliced(axis: 0, from: 0, count: 2) })
    #expect(try needsExactBatch { concatenate([$0, $0], axis: 0) })
    #expect(try needsExactBatch { multiply($0, $0, transposingRight: true) })
    #expect(try !needsExactBatch { multiply($0, $0, transposingLeft: true) })
  }
}

struct WeightsTests {
  private let weight = Parameter([2, 3], role: .weight, initializer: .he, fanIn: 2, fanOut: 3)
  private let bias = Parameter([3], role: .bias, initializer: .constant(0.5))
  private let mean = Parameter([3], role: .statistic, initializer: .ones)
  private var layout: WeightsLayout { WeightsLayout([("0.weight", weight), ("0.bias", bias), ("1.mean", mean)]) }

  @Test func copyOnWrite() {
    var first = Weights(layout, seed: 0)
    let before = first[weight]
    let second = first
    first[weight] = [1, 2, 3, 4, 5, 6]
    first[mean] = [7, 8, 9]
    #expect(first[weight] == [1, 2, 3, 4, 5, 6] && first[mean] == [7, 8, 9])
    #expect(second[weight] == before && second[mean] == [1, 1, 1])
    #expect(first[bias] == [0.5, 0.5, 0.5])
  }

  /// The values of a parameter depend on the seed and its name, not on what else the model has.
  @Test func valuesDependOnSeedAndName() {
    let alone = WeightsLayout([("0.weight", weight)])
    #expect(Weights(alone, seed: 3)[weight] == Weights(layout, seed: 3)[weight])
    #expect(Weights(alone, seed: 3)[weight] != Weights(alone, seed: 4)[weight])
    let renamed = WeightsLayout([("1.weight", weight)])
    #expect(Weights(renamed, seed: 3)[weight] != Weights(alone, seed: 3)[weight])
  }

  @Test func segments() {
    let frozen = WeightsLayout([("w", weight), ("b", bias), ("m", mean)], frozen: [bias])
    #expect(layout.trained == [weight, bias])
    #expect(frozen.trained == [weight])
    #expect(layout.entries.map(\.segment) == [.decayed, .plain, .statistics])
    #expect(layout.entries.allSatisfy { $0.offset % 16 == 0 })
    #expect(layout.decayedCount == 16 && layout.trainedCount == 32 && layout.statisticCount == 16)
    #expect(frozen.trainedCount == 16 && frozen.parameterCount == 32)
  }

  @Test func sharedParameterIsStoredOnce() {
    let shared = WeightsLayout([("a", weight), ("b", weight)])
    #expect(shared.entries.map(\.name) == ["a"])
    #expect(shared.parameterCount == 16)
  }
}
