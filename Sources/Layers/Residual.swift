import NunchiGraph

/// y = activation(branch(x) + shortcut(x)): the branch learns what to add to its input. Without a shortcut the input
/// itself is added, so the branch must keep its shape.
public struct Residual: Layer {
  /// What is added to the input.
  public let branch: NamedLayer
  /// What becomes of the input before the sum; nil: nothing.
  public let shortcut: NamedLayer?
  /// What follows the sum; nil: nothing.
  public let activation: NamedLayer?
  /// Where the layer stands in the source.
  public let location: SourceLocation?

  /// - Parameters:
  ///   - branch: what is learned beside the identity.
  ///   - shortcut: what takes the input to the shape of the branch's result, usually a 1x1 convolution.
  ///   - activation: what follows the sum.
  ///   - names: of the three in files; an empty name adds nothing to the names below it.
  public init(
    _ branch: any Layer, shortcut: (any Layer)? = nil, activation: (any Layer)? = nil,
    names: (branch: String, shortcut: String, activation: String) = ("branch", "shortcut", "activation"),
    file: String = #fileID, line: Int = #line
  ) {
    self.branch = (names.branch, branch)
    self.shortcut = shortcut.map { (names.shortcut, $0) }
    self.activation = activation.map { (names.activation, $0) }
    location = SourceLocation(file: file, line: line)
  }

  public var sublayers: [NamedLayer] { [branch, shortcut, activation].compactMap { $0 } }
  public var summary: String { "Residual" }

  public func forward(_ x: Value) -> Value {
    let learned = branch.layer(x)
    let carried = shortcut.map { $0.layer(x) } ?? x
    guard !learned.isPoisoned, !carried.isPoisoned else { return x.tracer.poisoned() }
    guard learned.shape == carried.shape else {
      let other = shortcut == nil ? "input" : "shortcut"
      x.tracer.fail("Residual: the branch gives shape \(learned.shape), the \(other) \(carried.shape)")
      return x.tracer.poisoned()
    }
    let sum = learned + carried
    return activation.map { $0.layer(sum) } ?? sum
  }
}

extension Residual: RebuildableLayer {
  static let kind = "Residual"

  public var specification: LayerSpecification? {
    guard let children = describe(sublayers) else { return nil }
    return LayerSpecification(
      Self.kind, ["shortcut": .flag(shortcut != nil), "activation": .flag(activation != nil)], children: children)
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    let hasShortcut = try reader.flag("shortcut", default: false)
    let hasActivation = try reader.flag("activation", default: false)
    let children = try reader.children()
    let expected = 1 + (hasShortcut ? 1 : 0) + (hasActivation ? 1 : 0)
    guard children.count == expected else {
      throw reader.error(nil, "expects \(expected) layer(s) inside, got \(children.count)")
    }
    branch = children[0]
    shortcut = hasShortcut ? children[1] : nil
    activation = hasActivation ? children[children.count - 1] : nil
    location = nil
  }
}
