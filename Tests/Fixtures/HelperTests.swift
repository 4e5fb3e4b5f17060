import Foundation
import NunchiGraph
import NunchiTensors
import NunchiTestSupport
import Testing

/// The helpers of these tests must fail where something is wrong.
@Suite struct HelperTests {
  private let expected = ReferenceArray<Double>([2, 3], [1, 2, 3, 4, 5, 6])
  private let tolerance = Tolerance(length: 10, magnitude: 10)

  private func found(_ index: Int, plus change: Double) -> ReferenceArray<Double> {
    var array = expected
    array.values[index] += change
    return array
  }

  @Test func equalArraysAgree() {
    #expect(disagreement(expected, expected, tolerance) == nil)
    #expect(disagreement(found(4, plus: 20 * .ulpOfOne), expected, tolerance) == nil)
  }

  @Test func worstElementIsNamed() throws {
    var array = found(1, plus: 1e-9)
    array.values[5] -= 1e-3
    let complaint = try #require(disagreement(array, expected, tolerance))
    #expect(complaint.contains("at [1, 2]: found 5.999, PyTorch 6.0"))
  }

  @Test func errorsAboveTheToleranceFail() {
    let allowed = tolerance.absolute(Double.self)
    #expect(disagreement(found(3, plus: 1.1 * allowed), expected, tolerance) != nil)
    #expect(disagreement(found(3, plus: 0.5 * allowed), expected, tolerance) == nil)
  }

  @Test func notANumberFails() {
    #expect(disagreement(found(0, plus: .nan), expected, tolerance)?.contains("[0, 0]") == true)
    #expect(disagreement(found(2, plus: .infinity), expected, tolerance) != nil)
  }

  @Test func shapesAreComparedFirst() {
    let other = ReferenceArray<Double>([3, 2], expected.values)
    #expect(disagreement(other, expected, tolerance) == "shape [3, 2], PyTorch [2, 3]")
  }

  @Test func missingFixtureFails() {
    #expect(throws: Fixture.ReadError.self) { try Fixture.load("no-such-fixture") }
  }

  @Test func damagedFixturesFail() throws {
    let header = "nunchi-fixture 1\ntorch 2\ntensor a float32 2\ndata\n"
    let whole = Data(header.utf8) + Data([0, 0, 128, 63, 0, 0, 0, 192])
    #expect(try Fixture(name: "whole", data: whole)["a"]?.values == [1, -2])
    let first = "nunchi-fixture 1\n"
    let texts = ["nunchi-fixture 2\ndata\n", first + "tensor a", first + "tensor a float16 2\ndata\n"]
    for broken in texts.map({ Data($0.utf8) }) + [whole.dropLast(), whole + Data([0])] {
      #expect(throws: Fixture.ReadError.self) { try Fixture(name: "broken", data: broken) }
    }
  }

  @Test func unknownNamesFail() throws {
    let fixture = try Fixture.load("operations")
    #expect(throws: Fixture.ReadError.self) { try fixture.entry("no/tensor") }
    #expect(throws: Fixture.ReadError.self) { try fixture.named("no-case") }
  }
}
