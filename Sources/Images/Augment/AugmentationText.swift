extension Augmentation: CustomStringConvertible {
  /// Reads an augmentation as it is written: `light`, or `flip-horizontal(0.5), rotate(degrees: 15)`.
  public init(parsing text: String) throws(AugmentationError) {
    self = try AugmentationParser(text, presets: Self.presets).parse()
  }

  /// The name where it has one, otherwise everything written out. Reads back as the same augmentation.
  public var description: String { Self.presets.first { $0.augmentation == self }?.name ?? text }

  /// Everything written out, also what has a name.
  public var text: String {
    let outside: [String] =
      switch fill {
      case .mirror: []
      case .edge: ["fill: edge"]
      case .constant(let level): ["fill: \(level)"]
      }
    return (outside + steps.map { $0.text(isOutermost: true) }).joined(separator: ", ")
  }
}

extension Augmentation.Step {
  fileprivate func text(isOutermost: Bool) -> String {
    func list(_ steps: [Self], _ isOutermost: Bool) -> String {
      steps.map { $0.text(isOutermost: isOutermost) }.joined(separator: ", ")
    }
    switch self {
    case .transform(let transform):
      return transform.text + (isOutermost && transform.isFixed ? "(1)" : "")
    case .sometimes(let chance, .transform(let transform)) where transform.isFixed:
      return "\(transform.text)(\(TextScanner.text(chance)))"
    case .sequence(let steps): return "sequence(\(list(steps, isOutermost)))"
    case .oneOf(let choices):
      let texts = choices.map { choice in
        (choice.weight == 1 ? "" : TextScanner.text(choice.weight) + " * ") + choice.step.text(isOutermost: false)
      }
      return "one-of(\(texts.joined(separator: ", ")))"
    case .someOf(let range, let steps):
      return "some-of(\(range.lowerBound)..\(range.upperBound), \(list(steps, false)))"
    case .sometimes(let chance, let step):
      return "sometimes(\(TextScanner.text(chance)), \(step.text(isOutermost: false)))"
    }
  }
}

extension AnyTransform {
  fileprivate var isFixed: Bool { amounts == .fixed && settings.isEmpty }

  fileprivate var text: String {
    let texts = settings.map { "\($0.name): \(TextScanner.text($0.value))" }
    return texts.isEmpty ? name : "\(name)(\(texts.joined(separator: ", ")))"
  }
}
