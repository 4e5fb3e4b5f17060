import NunchiGraph
import NunchiTensors
import NunchiTestSupport
import Testing

extension TracedOperation {
  /// The gradient of a mean multiplies by 1 / count as a constant, and constants of a graph are Floats.
  fileprivate var scalesByRoundedCount: Bool {
    graph.nodes.contains { node in
      if case .reduce(let reduce) = node.operation { reduce.kind == .mean } else { false }
    }
  }
}

/// Values and gradients of every operation against PyTorch's.
@Suite struct OperationTests {
  @Test func inDouble() throws { try compareAll(Double.self) }

  @Test func inFloat() throws { try compareAll(Float.self) }

  private func compareAll<T: ReferenceScalar>(_ type: T.Type) throws {
    let fixture = try Fixture.load("operations")
    #expect(!fixture.torch.isEmpty)
    for recorded in fixture.cases {
      for complaint in try complaints(recorded, fixture, type) { Issue.record("\(type) \(complaint)") }
    }
  }

  /// What disagrees in one case; every recorded result must be there.
  private func complaints<T: ReferenceScalar>(
    _ recorded: Fixture.Case, _ fixture: Fixture, _ type: T.Type
  ) throws -> [String] {
    let traced = try TracedOperation(recorded, in: fixture)
    let given = fixture.tensors(under: recorded.name).filter { $0.entry.attributes["length"] == nil }
    let arrays = try Dictionary(
      uniqueKeysWithValues: given.map { ($0.name, try fixture.array("\(recorded.name)/\($0.name)", as: type)) })
    let executor = ReferenceExecutor<T>(
      inputs: arrays, parameters: Dictionary(uniqueKeysWithValues: traced.parameters.map { ($0, arrays[$1]!) }))
    let results = executor.run(traced.graph)
    var found: [String: ReferenceArray<T>] = traced.results.compactMapValues { results.values[$0] }
    for (name, parameter) in traced.learned { found["d" + name] = results.gradients[parameter] }

    let expected = fixture.tensors(under: recorded.name).filter { $0.entry.attributes["length"] != nil }
    #expect(expected.count >= 1 + traced.learned.count, "\(recorded.name) records too little")
    return try expected.compactMap { name, entry in
      guard let array = found[name] else { return "\(recorded.name)/\(name): not computed" }
      let tolerance = Tolerance(
        length: try entry.attributes.integer("length"), magnitude: try entry.attributes.double("magnitude"),
        relative: name == "dx" && traced.scalesByRoundedCount ? Double(Float.ulpOfOne) / 2 : 0)
      return disagreement(array, entry.array, tolerance).map { "\(recorded.name)/\(name) \($0)" }
    }
  }
}
