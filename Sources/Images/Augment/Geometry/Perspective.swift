import NunchiTensors

/// Looks at the picture from aside: each corner moves by itself.
package struct Perspective: Transform {
  package static let name = "perspective"
  package static let summary = "moves each corner by up to a share of half the side, in any direction"
  package static let amounts = Amounts.positive
  /// Up to a share at which four corners are still convex.
  package static let parameters = [TransformParameter("share", \Perspective.share, 0...0.45)]

  package var share: Float = 0.25

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let (width, height) = (Double(shape.width), Double(shape.height))
    let corners = [
      Point(-0.5, -0.5), Point(width - 0.5, -0.5), Point(width - 0.5, height - 0.5), Point(-0.5, height - 0.5),
    ]
    let reach = Double(amount * share) / 2
    let moved = corners.map { corner in
      let x = Double(stream.uniform(-1...1))
      let y = Double(stream.uniform(-1...1))
      return Point(corner.x + reach * width * x, corner.y + reach * height * y)
    }
    return .projective(ProjectiveMap(corners: corners, to: moved))
  }
}
