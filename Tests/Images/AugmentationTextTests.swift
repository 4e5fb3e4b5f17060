import NunchiImages
import Testing

/// Against texts that are read as something else than they say, or that leave a person guessing what is wrong.
@Suite struct AugmentationTextTests {
  private func parsed(_ text: String) throws(AugmentationError) -> Augmentation { try Augmentation(parsing: text) }

  @Test func readsWhatItSays() throws {
    let rotate = Augmentation.Step.transform(Rotate(degrees: 15))
    let flip = Augmentation.Step.transform(FlipHorizontal())
    var elastic = Elastic()
    elastic.alpha = 5
    #expect(try parsed("rotate(degrees: 15)").steps == [rotate])
    #expect(try parsed(" ROTATE ( 15 ) ").steps == [rotate])
    #expect(try parsed("rotate").steps == [.transform(Rotate())])
    #expect(try parsed("rotate()").steps == [.transform(Rotate())])
    #expect(try parsed("elastic(alpha: 5)").steps == [.transform(elastic)])
    #expect(try parsed("flip-horizontal(0.5), rotate(15)").steps == [.sometimes(0.5, flip), rotate])
    #expect(try parsed("flip-horizontal(1)").steps == [flip])
    #expect(
      try parsed("one-of(flip-horizontal, 2.5 * rotate(15))").steps
        == [.oneOf([.init(flip), .init(rotate, weight: 2.5)])])
    #expect(try parsed("some-of(1..2, flip-horizontal, rotate(15))").steps == [.someOf(1...2, [flip, rotate])])
    #expect(try parsed("some-of(2, flip-horizontal, rotate(15))").steps == [.someOf(2...2, [flip, rotate])])
    #expect(
      try parsed("sometimes(0.25, flip-horizontal, rotate(15))").steps
        == [.sometimes(0.25, .sequence([flip, rotate]))])
    #expect(try parsed("sequence(flip-horizontal(1), rotate(15))").steps == [.sequence([flip, rotate])])
    #expect(try parsed("fill: 128, rotate(15)") == Augmentation([rotate], fill: .constant(128)))
    #expect(try parsed("rotate(15), fill: edge") == Augmentation([rotate], fill: .edge))
    #expect(try parsed("light, rotate(15)").steps == Augmentation.light.steps + [rotate])
    #expect(try parsed("none") == .none && parsed("") == .none)
  }

  /// What is written reads back as the same, and writing that again changes nothing.
  @Test(arguments: [
    "none", "light", "medium", "heavy", "trivial", "flip-horizontal(0.5)", "flip-vertical(1)",
    "fill: edge, rotate(degrees: 15)", "fill: 0, zoom(share: 0.35)", "elastic(alpha: 2.5, sigma: 7)",
    "one-of(flip-horizontal, 2.5 * rotate(degrees: 1))", "some-of(0..2, flip-vertical, brighten(share: 0.1))",
    "sometimes(0.3, sequence(flip-vertical, crop(share: 0.2)))", "sequence(flip-horizontal(0.5), flip-vertical(1))",
  ])
  func writesWhatItReads(text: String) throws {
    let augmentation = try parsed(text)
    #expect(augmentation.description == text)
    #expect(try parsed(augmentation.text) == augmentation)
  }

  /// Every transform, its name and parameters, can be written and read.
  @Test func everyTransformHasAText() throws {
    #expect(Set(Transforms.all.map { $0.name }).count == Transforms.all.count)
    for kind in Transforms.all {
      let augmentation = Augmentation([.transform(AnyTransform(kind.init()))])
      #expect(try parsed(augmentation.description) == augmentation)
      #expect(kind.name.allSatisfy { $0.isLowercase || $0 == "-" }, "\(kind.name)")
      for setting in AnyTransform(kind.init()).settings {
        #expect(setting.range.contains(setting.standard) && setting.value == setting.standard, "\(kind.name)")
      }
    }
  }

  @Test func lightIsWhatItIsSaidToBe() {
    #expect(
      Augmentation.light.text == """
        flip-horizontal(0.5), rotate(degrees: 10), translate-x(share: 0.1), translate-y(share: 0.1), \
        brighten(share: 0.2), contrast(share: 0.2)
        """)
  }

  /// Deeper ones would exhaust the stack.
  @Test func listsInsideEachOther() throws {
    func nested(_ depth: Int, _ name: String) -> String {
      String(repeating: name + "(", count: depth) + "rotate(15)" + String(repeating: ")", count: depth)
    }
    for name in ["sequence", "one-of"] {
      let deepest = try Augmentation(parsing: nested(64, name))
      #expect(try Augmentation(parsing: deepest.text) == deepest)
      for depth in [65, 100_000] {
        #expect {
          _ = try Augmentation(parsing: nested(depth, name))
        } throws: {
          "\($0)" == "expected at most 64 lists inside each other, found more at character \(65 * name.count + 65)"
        }
      }
    }
  }

  /// Word by word: what was expected, what stands there, where, and what was meant.
  @Test(arguments: [
    ("rotat(15)", "expected a transform, found \"rotat\" at character 1; did you mean rotate?"),
    ("light, flip(0.5)", "expected a transform, found \"flip\" at character 8; did you mean flip-horizontal?"),
    ("wobble", "expected a transform, found \"wobble\" at character 1; nunchi augment list shows them all"),
    ("rotate(degree: 15)", "expected of rotate degrees, found \"degree\" at character 8; did you mean degrees?"),
    ("rotate(degrees: 200)", "expected degrees from 0 to 180, found \"200\" at character 17"),
    ("rotate(degrees: )", "expected degrees from 0 to 180, found \")\" at character 17"),
    ("rotate(degrees 15)", "expected a colon after degrees, found \"15)\" at character 16"),
    ("rotate(15", "expected a comma or \")\", found the end at character 10"),
    ("rotate(15, degrees: 3)", "expected degrees once, found it again at character 12"),
    ("rotate(15) zoom", "expected a comma or the end, found \"zoom\" at character 12"),
    ("rotate(15),", "expected a transform, found the end at character 12"),
    (
      "flip-horizontal",
      "expected how often flip-horizontal happens, found the end at character 16; write flip-horizontal(0.5)"
    ),
    ("flip-vertical(1.5)", "expected how often, a probability from 0 to 1, found \"1.5\" at character 15"),
    ("one-of()", "expected a transform, found \")\" at character 8"),
    ("one-of(3 rotate)", "expected \"*\" after the weight, found \"rotate)\" at character 10"),
    ("some-of(rotate)", "expected how many of them, such as 1..2, found \"rotate)\" at character 9"),
    ("some-of(1..3, rotate)", "expected a number of transforms up to the 1 listed, found \"1..3\" at character 9"),
    ("sometimes(rotate)", "expected a probability from 0 to 1, found \"rotate)\" at character 11"),
    (
      "fill: miror",
      "expected mirror, edge or a gray level from 0 to 255, found \"miror\" at character 7; did you mean mirror?"
    ),
    ("fill: 300", "expected mirror, edge or a gray level from 0 to 255, found \"300\" at character 7"),
    ("fill: 1, fill: 2", "expected fill once, found \"2\" at character 16; remove one of them"),
  ])
  func saysWhatIsWrong(text: String, message: String) {
    do throws(AugmentationError) {
      _ = try parsed(text)
      Issue.record("\(text) was read")
    } catch {
      #expect("\(error)" == message)
    }
  }

  /// A bound set from outside replaces every one of its kind; without one it comes first; removed, nothing is left of it.
  @Test func edits() throws {
    let text = "flip-horizontal(0.5), one-of(rotate(5), brighten), sometimes(0.5, rotate(7))"
    #expect(
      try parsed(text).setting(Rotate(degrees: 30)).text
        == "flip-horizontal(0.5), one-of(rotate(degrees: 30), brighten(share: 0.3)), sometimes(0.5, rotate(degrees: 30))"
    )
    #expect(
      try parsed(text).removing(Rotate.self).text == "flip-horizontal(0.5), one-of(brighten(share: 0.3))")
    #expect(try parsed(text).removing(FlipHorizontal.self).removing(Rotate.self).steps.count == 1)
    #expect(
      try parsed("fill: edge, contrast").setting(Rotate(degrees: 3)).text
        == "fill: edge, rotate(degrees: 3), contrast(share: 0.3)")
    #expect(
      try parsed("some-of(2, flip-vertical, rotate)").removing(Rotate.self).text == "some-of(1..1, flip-vertical)")
    #expect(Augmentation.none.setting(Rotate(degrees: 3)).text == "rotate(degrees: 3)")
  }
}
