extension Augmentation {
  /// The same with this transform's bounds wherever one of its kind stands; where none stands, it comes first.
  package func setting(_ transform: some Transform) -> Augmentation {
    let changed = rewritten { $0.name == type(of: transform).name ? .transform(transform) : .transform($0) }
    if steps.contains(where: { $0.contains(type(of: transform).name) }) { return changed }
    return Augmentation([.transform(transform)] + steps, fill: fill)
  }

  /// The same without any transform of this kind.
  package func removing(_ kind: any Transform.Type) -> Augmentation {
    rewritten { $0.name == kind.name ? nil : .transform($0) }
  }

  /// Every transform replaced, or left out where `change` gives nothing; so are combinations that thereby are empty.
  private func rewritten(_ change: (AnyTransform) -> Step?) -> Augmentation {
    Augmentation(steps.compactMap { $0.rewritten(change) }, fill: fill)
  }
}

extension Augmentation.Step {
  fileprivate func contains(_ name: String) -> Bool {
    switch self {
    case .transform(let transform): transform.name == name
    case .sequence(let steps), .someOf(_, let steps): steps.contains { $0.contains(name) }
    case .oneOf(let choices): choices.contains { $0.step.contains(name) }
    case .sometimes(_, let step): step.contains(name)
    }
  }

  fileprivate func rewritten(_ change: (AnyTransform) -> Self?) -> Self? {
    func all(_ steps: [Self]) -> [Self] { steps.compactMap { $0.rewritten(change) } }
    switch self {
    case .transform(let transform): return change(transform)
    case .sequence(let steps):
      let left = all(steps)
      return left.isEmpty ? nil : .sequence(left)
    case .oneOf(let choices):
      let left = choices.compactMap { choice in
        choice.step.rewritten(change).map { Augmentation.Choice($0, weight: choice.weight) }
      }
      return left.isEmpty ? nil : .oneOf(left)
    case .someOf(let range, let steps):
      let left = all(steps)
      return left.isEmpty ? nil : .someOf(range.clamped(to: 0...left.count), left)
    case .sometimes(let chance, let step): return step.rewritten(change).map { .sometimes(chance, $0) }
    }
  }
}
