import NunchiTensors

/// A transform of any kind.
package struct AnyTransform: Sendable, Hashable {
  package let base: any Transform

  package init(_ base: any Transform) { self.base = base }

  package static func == (one: AnyTransform, other: AnyTransform) -> Bool {
    func equal<T: Transform>(_ transform: T) -> Bool { (other.base as? T) == transform }
    return equal(one.base)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(name)
    base.hash(into: &hasher)
  }

  package var name: String { type(of: base).name }
  package var amounts: Amounts { type(of: base).amounts }

  /// The parameters with their values, in the transform's order.
  package var settings: [TransformSetting] {
    func settings<T: Transform>(_ transform: T) -> [TransformSetting] {
      let standard = T()
      return T.parameters.map {
        TransformSetting(
          name: $0.name, value: transform[keyPath: $0.path], standard: standard[keyPath: $0.path], range: $0.range)
      }
    }
    return settings(base)
  }

  /// The same kind of transform with another value for the parameter at `index`.
  package func setting(_ index: Int, to value: Float) -> AnyTransform {
    func changed<T: Transform>(_ transform: T) -> AnyTransform {
      var copy = transform
      copy[keyPath: T.parameters[index].path] = value
      return AnyTransform(copy)
    }
    return changed(base)
  }
}

/// A parameter of a transform and its value.
package struct TransformSetting: Sendable, Hashable {
  package let name: String
  package let value: Float
  /// The value that it has where nothing is said.
  package let standard: Float
  package let range: ClosedRange<Float>
}
