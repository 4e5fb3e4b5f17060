/// Reads an augmentation from text.
///
///     augmentation  item, item, …          one after another
///     item          fill: mirror           or edge, or a gray level: what lies outside the picture
///                   light                  a preset
///                   rotate(degrees: 15)    a transform; parameters that are not named keep their defaults
///                   rotate(15)             its first parameter
///                   flip-horizontal(0.5)   without parameters: how often
///                   sequence(item, …)      one after another
///                   one-of(item, 2 * item) one of them, the second twice as often
///                   some-of(1..2, item, …) one or two of them
///                   sometimes(0.3, item …) with this probability
struct AugmentationParser {
  private var scanner: TextScanner
  private let presets: [Augmentation.Preset]
  private var fill: Fill?
  /// Lists inside each other, and how many may be: text from elsewhere must not exhaust the stack.
  private var depth = 0
  private static let depthLimit = 64

  /// Transforms put together, by how they are written.
  enum Combination: String, CaseIterable {
    case sequence
    case oneOf = "one-of"
    case someOf = "some-of"
    case sometimes
  }

  init(_ text: String, presets: [Augmentation.Preset]) {
    scanner = TextScanner(text)
    self.presets = presets
  }

  func parse() throws(AugmentationError) -> Augmentation {
    var parser = self
    var steps: [Augmentation.Step] = []
    if !parser.scanner.isAtEnd {
      repeat { steps += try parser.item(isOutermost: true) } while parser.scanner.take(",")
      if !parser.scanner.isAtEnd { throw parser.scanner.error("a comma or the end") }
    }
    return Augmentation(steps, fill: parser.fill ?? .mirror)
  }

  // MARK: - Items

  /// The steps of one item: none for `fill`, those of a preset.
  ///
  /// - Parameter isOutermost: nothing round the item says how often it happens.
  private mutating func item(isOutermost: Bool) throws(AugmentationError) -> [Augmentation.Step] {
    let start = scanner.position
    guard let name = scanner.word() else { throw scanner.error("a transform") }
    if isOutermost, name == "fill" {
      try readFill()
      return []
    }
    if let preset = presets.first(where: { $0.name == name }) { return preset.augmentation.steps }
    if let list = Combination(rawValue: name) { return [try combination(list, isOutermost: isOutermost)] }
    guard let transform = Transforms.named(name) else { throw unknown(name, at: start) }
    if transform.amounts == .fixed && transform.settings.isEmpty {
      return [try fixed(transform, isOutermost: isOutermost)]
    }
    return [.transform(try settings(of: transform))]
  }

  private func unknown(_ name: String, at start: Int) -> AugmentationError {
    let names = Transforms.all.map { $0.name } + Combination.allCases.map(\.rawValue) + presets.map(\.name) + ["fill"]
    let remedy =
      NearestName.find(name, among: names).map { "did you mean \($0)?" } ?? "nunchi augment list shows them all"
    return AugmentationError(expected: "a transform", found: "\"\(name)\"", position: start, remedy: remedy)
  }

  /// The rest of a list, with its closing parenthesis.
  private mutating func items(isOutermost: Bool) throws(AugmentationError) -> [Augmentation.Step] {
    var steps: [Augmentation.Step] = []
    repeat { steps += try item(isOutermost: isOutermost) } while scanner.take(",")
    try scanner.close()
    return steps
  }

  // MARK: - Combinations

  private mutating func combination(
    _ combination: Combination, isOutermost: Bool
  ) throws(AugmentationError) -> Augmentation.Step {
    let start = scanner.position
    try scanner.open(after: combination.rawValue)
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.depthLimit else {
      throw AugmentationError(
        expected: "at most \(Self.depthLimit) lists inside each other", found: "more", position: start, remedy: nil)
    }
    switch combination {
    case .sequence: return .sequence(try items(isOutermost: isOutermost))
    case .oneOf: return try oneOf()
    case .someOf: return try someOf()
    case .sometimes: return try sometimes()
    }
  }

  private mutating func oneOf() throws(AugmentationError) -> Augmentation.Step {
    var choices: [Augmentation.Choice] = []
    repeat {
      var weight: Float = 1
      if scanner.isAtNumber {
        weight = try scanner.number("a weight", 0.001...1000)
        guard scanner.take("*") else { throw scanner.error("\"*\" after the weight") }
      }
      choices.append(.init(Self.joined(try item(isOutermost: false)), weight: weight))
    } while scanner.take(",")
    try scanner.close()
    return .oneOf(choices)
  }

  private mutating func someOf() throws(AugmentationError) -> Augmentation.Step {
    let start = scanner.position
    let least = try scanner.wholeNumber("how many of them, such as 1..2")
    var most = least
    if scanner.take("..") { most = try scanner.wholeNumber("the largest number of them") }
    let found = scanner.text(from: start)
    guard scanner.take(",") else { throw scanner.error("a comma") }
    var steps: [Augmentation.Step] = []
    repeat { steps.append(Self.joined(try item(isOutermost: false))) } while scanner.take(",")
    try scanner.close()
    guard least <= most, most <= steps.count else {
      throw AugmentationError(
        expected: "a number of transforms up to the \(steps.count) listed", found: "\"\(found)\"", position: start,
        remedy: nil)
    }
    return .someOf(least...most, steps)
  }

  private mutating func sometimes() throws(AugmentationError) -> Augmentation.Step {
    let chance = try scanner.number("a probability", 0...1)
    guard scanner.take(",") else { throw scanner.error("a comma") }
    return .sometimes(chance, Self.joined(try items(isOutermost: false)))
  }

  private static func joined(_ steps: [Augmentation.Step]) -> Augmentation.Step {
    steps.count == 1 ? steps[0] : .sequence(steps)
  }

  // MARK: - Transforms

  /// A transform without parameters: in parentheses how often it happens, which a list round it says otherwise.
  private mutating func fixed(
    _ transform: AnyTransform, isOutermost: Bool
  ) throws(AugmentationError) -> Augmentation.Step {
    if scanner.take("(") {
      let chance = try scanner.number("how often, a probability", 0...1)
      try scanner.close()
      return chance == 1 ? .transform(transform) : .sometimes(chance, .transform(transform))
    }
    if isOutermost {
      throw scanner.error("how often \(transform.name) happens", remedy: "write \(transform.name)(0.5)")
    }
    return .transform(transform)
  }

  private mutating func settings(of transform: AnyTransform) throws(AugmentationError) -> AnyTransform {
    guard scanner.take("("), !scanner.take(")") else { return transform }
    var (transform, given) = (transform, Set<Int>())
    let settings = transform.settings
    repeat {
      let start = scanner.position
      var index = 0
      if !scanner.isAtNumber {
        let names = settings.map(\.name)
        guard let name = scanner.word() else { throw scanner.error("a number or \(names[0])") }
        guard let place = names.firstIndex(of: name) else {
          let near = NearestName.find(name, among: names).map { "did you mean \($0)?" }
          throw AugmentationError(
            expected: "of \(transform.name) " + names.joined(separator: " or "), found: "\"\(name)\"", position: start,
            remedy: near)
        }
        index = place
        guard scanner.take(":") else { throw scanner.error("a colon after \(name)") }
      }
      guard given.insert(index).inserted else {
        throw AugmentationError(
          expected: "\(settings[index].name) once", found: "it again", position: start, remedy: nil)
      }
      transform = transform.setting(index, to: try scanner.number(settings[index].name, settings[index].range))
    } while scanner.take(",")
    try scanner.close()
    return transform
  }

  private mutating func readFill() throws(AugmentationError) {
    guard scanner.take(":") else { throw scanner.error("a colon after fill") }
    let choices = "mirror, edge or a gray level"
    let expected = choices + " from 0 to 255"
    if fill != nil { throw scanner.error("fill once", remedy: "remove one of them") }
    if scanner.isAtNumber {
      fill = .constant(UInt8(try scanner.number(choices, 0...255).rounded()))
      return
    }
    let start = scanner.position
    switch scanner.word() {
    case "mirror": fill = .mirror
    case "edge": fill = .edge
    case let word?:
      let near = NearestName.find(word, among: ["mirror", "edge"]).map { "did you mean \($0)?" }
      throw AugmentationError(expected: expected, found: "\"\(word)\"", position: start, remedy: near)
    case nil: throw scanner.error(expected)
    }
  }
}
