import NunchiGraph
import NunchiLayers
import NunchiTensors
import NunchiTestSupport
import Testing

/// Helpers that never fail would make every other test worthless: here each must.
struct TestSupportTests {
  @Test func shapesAreComparedFirst() {
    let a = Tensor([2, 3], [0, 0, 0, 0, 0, 0])
    #expect(a.difference(from: Tensor([3, 2], a.floats), .exact) == "shape [2, 3], expected [3, 2]")
  }

  @Test func theWorstElementIsNamed() {
    let a = Tensor([2, 2], [1, 2, 3, 4])
    let b = Tensor([2, 2], [1, 2.5, 1, 4])
    #expect(
      a.difference(from: b, .exact) == "element [1, 0]: 3.0, expected 1.0; off by 2.0, tolerance 0.0")
    #expect(a.difference(from: a, .exact) == nil)
  }

  @Test func toleranceIsABoundary() {
    let (inside, outside) = (Float(1) + 2 * .ulpOfOne, Float(1) + 6 * .ulpOfOne)
    let tolerance = Tolerance(sumOf: 4)
    #expect(Tensor([1], [inside]).difference(from: Tensor([1], [1]), tolerance) == nil)
    #expect(Tensor([1], [outside]).difference(from: Tensor([1], [1]), tolerance) != nil)
  }

  @Test func notANumberIsFar() {
    let tolerance = Tolerance(sumOf: 1000, scale: 1e9)
    #expect(Tensor([1], [.nan]).difference(from: Tensor([1], [0]), tolerance) != nil)
    #expect(Tensor([1], [0]).difference(from: Tensor([1], [.nan]), tolerance) != nil)
    #expect(Tensor([1], [.infinity]).difference(from: Tensor([1], [-.infinity]), tolerance) != nil)
    #expect(Tensor([1], [.nan]).difference(from: Tensor([1], [.nan]), .exact) == nil)
  }

  @Test func randomIsSeeded() {
    #expect(Tensor.random([5], seed: 1) == Tensor.random([5], seed: 1))
    #expect(Tensor.random([5], seed: 1) != Tensor.random([5], seed: 2))
    #expect(Tensor.random([1000], in: 2...3).floats.allSatisfy { (2...3).contains($0) })
    #expect(Set(Tensor.randomClasses(100, below: 3).floats) == [0, 1, 2])
  }

  @Test func operationsAreReadFromTheSource() throws {
    let source = """
      package enum Operation: Sendable {
        case first(First)
        case second(Second)
        // case third(Third)
          case .first(let rule): rule
      """
    #expect(operationNames(in: source) == ["first", "second"])
    #expect(operationNames(in: "") == [])
    let names = try operationNames()
    #expect(Set(names).count == names.count && names.first == "matrixProduct" && names.last == "custom")
    #expect(Operation.pool(Pool(.average, Window(kernel: (2, 2)), ceil: false, countsPadding: true)).caseName == "pool")
  }

  private struct Forgetful: Layer {
    let weight = Parameter([3], role: .weight, initializer: .zeros)
    let inner = Dense(2, 2)
    func forward(_ x: Value) -> Value { x }
    var parameters: [NamedParameter] { [("weight", weight)] }
  }

  private struct Fresh: Layer {
    func forward(_ x: Value) -> Value { x }
    var parameters: [NamedParameter] { [("weight", Parameter([1], role: .weight, initializer: .zeros))] }
  }

  private struct Doubled: Layer {
    let a = Dense(1, 1, bias: false), b = Dense(1, 1, bias: false)
    func forward(_ x: Value) -> Value { x }
    var sublayers: [NamedLayer] { [("same", a), ("same", b)] }
  }

  @Test func contractIsEnforced() {
    func violations(_ layer: any Layer) -> [String] {
      contractViolations(of: layer, listing: layer.namedParameters())
    }
    #expect(violations(Forgetful()) == ["2 parameter(s) not listed, of shape [2, 2], [2]"])
    #expect(violations(Fresh()) == ["weight is listed but not stored: it would be another one at every call"])
    #expect(violations(Doubled()) == ["two parameters have the same name"])
  }
}
