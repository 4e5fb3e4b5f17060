import NunchiTensors

/// Random changes of a training picture that leave its class alone: transforms, put together.
///
/// What is drawn for a picture is a pure function of seed, epoch, identity and occurrence, and every part draws from a
/// stream of its own: no part's numbers depend on another's bounds or on who asks first.
public struct Augmentation: Sendable, Hashable {
  /// A transform, or several put together.
  package indirect enum Step: Sendable, Hashable {
    /// Always, at an amount uniform over its range.
    case transform(AnyTransform)
    /// All, one after another.
    case sequence([Step])
    /// One of them, with a chance in proportion to its weight.
    case oneOf([Choice])
    /// A number of them uniform in the range, every set of that size alike, in the order listed.
    case someOf(ClosedRange<Int>, [Step])
    /// With this probability, and otherwise nothing.
    case sometimes(Float, Step)

    package static func transform(_ transform: some Transform) -> Step { .transform(AnyTransform(transform)) }
  }

  /// A step among others.
  package struct Choice: Sendable, Hashable {
    package var weight: Float
    package var step: Step

    package init(_ step: Step, weight: Float = 1) {
      precondition(weight > 0 && weight.isFinite, "a weight is positive, got \(weight)")
      (self.step, self.weight) = (step, weight)
    }
  }

  /// One after another.
  package var steps: [Step]
  /// What lies outside the picture.
  package var fill: Fill

  package init(_ steps: [Step] = [], fill: Fill = .mirror) { (self.steps, self.fill) = (steps, fill) }

  /// Pictures stay as they are.
  public static let none = Augmentation()

  /// Whether every picture stays as it is.
  public var isNone: Bool { steps.isEmpty }

  /// The changes of one picture.
  package func draw(
    _ shape: PictureShape, seed: UInt64, identity: String, epoch: Int, occurrence: Int = 0
  ) -> Draw {
    let stream = RandomStream(
      seed: seed, name: "augmentation/" + identity,
      position: (UInt32(truncatingIfNeeded: epoch), UInt32(truncatingIfNeeded: occurrence)))
    var draw = Draw(shape, fill: fill)
    for (index, step) in steps.enumerated() { step.draw(stream.part(index), into: &draw) }
    return draw
  }
}

extension Augmentation.Step {
  /// Adds what this step does to one picture. Each of its parts draws from a part of `stream`.
  fileprivate func draw(_ stream: RandomStream, into draw: inout Augmentation.Draw) {
    var own = stream
    switch self {
    case .transform(let transform): draw.add(transform.base.draw(&own, draw.shape))
    case .sequence(let steps):
      for (index, step) in steps.enumerated() { step.draw(stream.part(index), into: &draw) }
    case .oneOf(let choices):
      guard !choices.isEmpty else { return }
      var rest = own.uniform() * choices.reduce(0) { $0 + $1.weight }
      let chosen = choices.firstIndex { choice in
        rest -= choice.weight
        return rest < 0
      }
      let index = chosen ?? choices.count - 1
      choices[index].step.draw(stream.part(index), into: &draw)
    case .someOf(let range, let steps):
      let range = range.clamped(to: 0...steps.count)
      let count = range.lowerBound + own.integer(below: range.count)
      for index in own.permutation(steps.count).prefix(count).sorted() {
        steps[index].draw(stream.part(index), into: &draw)
      }
    case .sometimes(let chance, let step):
      if own.flip(chance) { step.draw(stream.part(0), into: &draw) }
    }
  }
}
