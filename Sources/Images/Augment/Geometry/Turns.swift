import NunchiTensors

/// Turns the picture about its centre.
package struct Rotate: Transform {
  package static let name = "rotate"
  package static let summary = "turns by up to so many degrees, either way"
  package static let amounts = Amounts.signed
  package static let parameters = [TransformParameter("degrees", \Rotate.degrees, 0...180)]

  package var degrees: Float = 15

  package init() {}
  package init(degrees: Float) { self.degrees = degrees }

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .projective(ProjectiveMap(degrees: Double(amount * degrees), about: shape.centre))
  }
}

/// Moves rows sideways, the more the farther they lie from the centre.
package struct ShearX: Transform {
  package static let name = "shear-x"
  package static let summary = "leans uprights by up to so many degrees, either way"
  package static let amounts = Amounts.signed
  package static let parameters = [TransformParameter("degrees", \ShearX.degrees, 0...60)]

  package var degrees: Float = 12

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .projective(ProjectiveMap(1, -slope(amount * degrees), 0, 1, about: shape.centre))
  }
}

/// Moves columns up and down, the more the farther they lie from the centre.
package struct ShearY: Transform {
  package static let name = "shear-y"
  package static let summary = "leans levels by up to so many degrees, either way"
  package static let amounts = Amounts.signed
  package static let parameters = [TransformParameter("degrees", \ShearY.degrees, 0...60)]

  package var degrees: Float = 12

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .projective(ProjectiveMap(1, 0, slope(amount * degrees), 1, about: shape.centre))
  }
}

/// The tangent of an angle below 90 degrees.
private func slope(_ degrees: Float) -> Double {
  let turned = ProjectiveMap(degrees: Double(degrees), about: Point(0, 0))
  return turned.y.x / turned.x.x
}
