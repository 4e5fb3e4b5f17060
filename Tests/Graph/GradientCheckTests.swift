import NunchiGraph
import NunchiTensors
import NunchiTestSupport
import Testing

struct GradientCheckTests {
  /// A wrong factor, sign, index or reduction in any gradient rule.
  @Test(arguments: operationCases.map(\.name))
  func operation(name: String) throws {
    let row = try operationCases.first { $0.name == name }!.check()
    #expect(row.passes, "\(row)")
    #expect(row.samples > 0)
  }

  /// Two cases of one name would hide one of them from the test above.
  @Test func namesAreUnique() { #expect(Set(operationCases.map(\.name)).count == operationCases.count) }

  /// Only backward operations and those that stop gradients may lack cases; a forgotten one shows here.
  @Test func everyOperationHasCases() throws {
    let checked = Set(try operationCases.flatMap { try $0.operations() }.map(\.caseName))
    let unchecked = Set(try operationNames()).subtracting(checked)
    let expected: Set<String> = [
      "convolutionInputGradient", "convolutionWeightGradient", "poolGradient", "batchNormalizationGradient",
      "mapGradient", "maximumGradient", "softmaxGradient", "crossEntropyGradient", "batchMeanGradient", "oneHot",
      "stopGradient", "resizeGradient", "gatherGradient", "sortRows", "standardizationGradient",
      "localResponseGradient",
    ]
    #expect(unchecked.symmetricDifference(expected) == [])
  }

  /// The plantings: a rule with a wrong factor, with a wrong sign, and without its second gradient.
  @Test(arguments: [WrongRule.Flaw.factor, .sign, .missing])
  func wrongRuleIsCaught(flaw: WrongRule.Flaw) throws {
    let row = try OperationCase("wrong", [2, 3], [2, 3]) { custom(WrongRule(flaw: flaw), $0) }.check()
    #expect(!row.passes)
    #expect(row.worstRelativeError > 1e-3)
  }

  @Test func rightRulePasses() throws {
    let row = try OperationCase("right", [2, 3], [2, 3]) { custom(WrongRule(flaw: nil), $0) }.check()
    #expect(row.passes, "\(row)")
  }

  /// A point exactly on a kink is reported apart, not as an error.
  @Test func kinksAreApart() throws {
    let row = try OperationCase("kink", [.init([3], 0...0)]) { relu($0[0]) }.check()
    #expect(row.kinks == 3 && row.samples == 3 && row.worstRelativeError == 0)
    #expect(!row.passes)
  }
}

/// z = x · y, with a gradient that may be wrong.
struct WrongRule: CustomOperation {
  enum Flaw: Sendable { case factor, sign, missing }

  let flaw: Flaw?
  let name = "wrong-rule"

  func resultShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }

  func evaluate(_ inputs: [(shape: Shape, values: [Double])]) -> [Double] {
    zip(inputs[0].values, inputs[1].values).map(*)
  }

  func gradient(inputs: [Value], output: Value, outputGradient: Value) -> [Value?] {
    let (dx, dy) = (outputGradient * inputs[1], outputGradient * inputs[0])
    return switch flaw {
    case nil: [dx, dy]
    case .factor: [dx.scaled(by: 1.001 * 1.001), dy]
    case .sign: [dx, dy.scaled(by: -1)]
    case .missing: [dx, nil]
    }
  }
}
