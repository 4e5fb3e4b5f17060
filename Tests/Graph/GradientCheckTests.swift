import NunchiGraph
import NunchiTensors
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
}
