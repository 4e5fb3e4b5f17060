import NunchiTensors

/// Moves the picture sideways.
package struct TranslateX: Transform {
  package static let name = "translate-x"
  package static let summary = "moves sideways by up to a share of the width"
  package static let amounts = Amounts.signed
  package static let parameters = [TransformParameter("share", \TranslateX.share, 0...1)]

  package var share: Float = 0.15

  package init() {}
  package init(share: Float) { self.share = share }

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .projective(ProjectiveMap(moveX: Double(amount * share) * Double(shape.width), moveY: 0))
  }
}

/// Moves the picture up or down.
package struct TranslateY: Transform {
  package static let name = "translate-y"
  package static let summary = "moves up or down by up to a share of the height"
  package static let amounts = Amounts.signed
  package static let parameters = [TransformParameter("share", \TranslateY.share, 0...1)]

  package var share: Float = 0.15

  package init() {}
  package init(share: Float) { self.share = share }

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .projective(ProjectiveMap(moveX: 0, moveY: Double(amount * share) * Double(shape.height)))
  }
}

/// Changes the size of what is seen; the picture keeps its own.
package struct Zoom: Transform {
  package static let name = "zoom"
  package static let summary = "grows or shrinks by a factor of 1 ± share"
  package static let amounts = Amounts.signed
  package static let parameters = [TransformParameter("share", \Zoom.share, 0...0.9)]

  package var share: Float = 0.2

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let factor = Double(1 + amount * share)
    return .projective(ProjectiveMap(factor, 0, 0, factor, about: shape.centre))
  }
}
