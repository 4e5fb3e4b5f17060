import NunchiGraph
import NunchiTensors
import NunchiTestSupport
import Testing

/// What operations say of flattened images, against what their references do.
@Suite struct FlatteningTests {
  /// An operation on rows of four features, and what it reads beside them.
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let shapes: [Shape]
    let body: @Sendable ([Value]) -> Value
    var testDescription: String { name }

    init(_ name: String, _ shapes: Shape..., body: @escaping @Sendable ([Value]) -> Value) {
      (self.name, self.shapes, self.body) = (name, shapes, body)
    }
  }

  static let cases: [Case] = [
    Case("map", [3, 4]) { tanh($0[0]) },
    Case("binary of rows", [3, 4], [3, 4]) { $0[0] + $0[1] },
    Case("binary with a number a feature", [3, 4], [4]) { $0[0] * $0[1] },
    Case("dropout", [3, 4]) { dropout($0[0], rate: 0.3) },
    Case("stop gradient", [3, 4]) { stopGradient($0[0]) },
    Case("normalize", [3, 4]) { normalize($0[0], scale: [1, 2, 3, 4], shift: [0, 1, 0, 1]) },
    Case("batch normalization", [3, 4], [4], [4], [4], [4]) {
      $0[0].tracer.add(.batchNormalization(BatchNormalization(epsilon: 1e-5, momentum: 0.1)), $0)[0]
    },
    Case("batch normalization in inference", [3, 4], [4], [4], [4], [4]) {
      $0[0].tracer.add(.batchNormalizationInference(BatchNormalizationInference(epsilon: 1e-5)), $0)[0]
    },
    Case("matrix product", [3, 4], [4, 4]) { multiply($0[0], $0[1]) },
    Case("softmax", [3, 4]) { softmax($0[0]) },
    Case("log-softmax", [3, 4]) { logSoftmax($0[0]) },
    Case("concatenate", [3, 4], [3, 4]) { concatenate($0, axis: 1) },
    Case("slice", [3, 4]) { $0[0].sliced(axis: 1, from: 1, count: 3) },
    Case("pad", [3, 4]) { $0[0].padded(before: [0, 1], after: [0, 0]) },
    Case("transpose", [3, 4]) { $0[0].transposed([1, 0]) },
    Case("reshape", [3, 4]) { $0[0].reshaped(to: [4, 3]) },
    Case("reduce", [3, 4]) { $0[0].sum(axes: [1]) },
  ]

  /// Whether a change of one feature of all inputs changes no other feature of the result.
  private static func keepsFeaturesApart(_ example: Case, _ parameters: [Parameter], _ graph: Graph) -> Bool {
    let values = Dictionary(
      uniqueKeysWithValues: parameters.enumerated().map { place, parameter in
        let numbers = Tensor.random(parameter.shape, in: 0.5...1.5, seed: UInt64(place)).floats
        return (parameter, ReferenceArray(parameter.shape, numbers.map { Double($0) }))
      })
    func result(_ values: [Parameter: ReferenceArray<Double>]) -> ReferenceArray<Double> {
      ReferenceExecutor<Double>(inputs: [:], parameters: values).run(graph).outputs["y"]!
    }
    let before = result(values)
    guard before.shape == [3, 4] else { return false }
    return (0..<4).allSatisfy { feature in
      let moved = values.mapValues { array in
        ReferenceArray(array.shape, array.values.enumerated().map { $0 % 4 == feature ? $1 * 1.25 : $1 })
      }
      return zip(before.values, result(moved).values).enumerated().allSatisfy { $0 % 4 == feature || $1.0 == $1.1 }
    }
  }

  @Test(arguments: cases) func referencesAgree(_ example: Case) throws {
    let parameters = example.shapes.map { Parameter($0, role: .weight, initializer: .zeros) }
    let graph = try trace(.training) { $0.output("y", example.body(parameters.map($0.parameter))) }
    #expect(
      graph.nodes[0].operation.rule.preservesFlattening == Self.keepsFeaturesApart(example, parameters, graph))
  }
}
