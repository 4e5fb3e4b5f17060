import NunchiTensors

/// Swaps left and right.
package struct FlipHorizontal: Transform {
  package static let name = "flip-horizontal"
  package static let summary = "swaps left and right"
  package static let amounts = Amounts.fixed
  package static let parameters: [TransformParameter<Self>] = []

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .projective(ProjectiveMap(-1, 0, 0, 1, about: shape.centre))
  }
}

/// Swaps top and bottom.
package struct FlipVertical: Transform {
  package static let name = "flip-vertical"
  package static let summary = "swaps top and bottom"
  package static let amounts = Amounts.fixed
  package static let parameters: [TransformParameter<Self>] = []

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .projective(ProjectiveMap(1, 0, 0, -1, about: shape.centre))
  }
}
