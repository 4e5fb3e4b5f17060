import NunchiImages
import Testing

/// Against effects that change without anyone noticing. The sheet of all effects was looked at when these were written.
@Suite struct GoldenEffectTests {
  @Test func printAll() {
    for effect in effects { print("GOLD \"\(type(of: effect).name)\": \(fingerprint(changed(garden(width: 48, height: 40), effect, 0.75)))") }
  }

  @Test(arguments: [String: UInt64]().sorted { $0.key < $1.key })
  func sameBytesAsWhenLookedAt(name: String, expected: UInt64) throws {
    let transform = try #require(Transforms.named(name))
    #expect(fingerprint(changed(garden(width: 48, height: 40), transform.base, 0.75)) == expected)
  }
}
