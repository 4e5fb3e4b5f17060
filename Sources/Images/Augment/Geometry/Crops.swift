import NunchiTensors

/// Shows a part of the picture at its full size, somewhere inside it.
package struct Crop: Transform {
  package static let name = "crop"
  package static let summary = "shows a part of the picture, smaller by up to a share of each side"
  package static let amounts = Amounts.positive
  package static let parameters = [TransformParameter("share", \Crop.share, 0...0.9)]

  package var share: Float = 0.25

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let lost = Double(amount * share)
    let left = lost * Double(stream.uniform())
    let top = lost * Double(stream.uniform())
    return .projective(.showing(left: left, top: top, right: lost - left, bottom: lost - top, of: shape))
  }
}

/// Takes from each side of the picture, or adds to it; what is left is shown at the full size.
package struct CropAndPad: Transform {
  package static let name = "crop-and-pad"
  package static let summary = "cuts from or adds to each side by itself, up to a share of the picture"
  package static let amounts = Amounts.positive
  package static let parameters = [TransformParameter("share", \CropAndPad.share, 0...0.45)]

  package var share: Float = 0.15

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    var side: Double { Double(amount * share * stream.uniform(-1...1)) }
    let (left, top, right, bottom) = (side, side, side, side)
    return .projective(.showing(left: left, top: top, right: right, bottom: bottom, of: shape))
  }
}

extension ProjectiveMap {
  /// What is left after a share of the width or height has gone from each side becomes the whole picture. Negative shares
  /// are added.
  package static func showing(
    left: Double, top: Double, right: Double, bottom: Double, of shape: PictureShape
  ) -> ProjectiveMap {
    precondition(left + right < 1 && top + bottom < 1, "nothing of the picture is left")
    let growX = 1 / (1 - left - right)
    let growY = 1 / (1 - top - bottom)
    // Edges lie half a pixel outside the centres of the outer pixels.
    let edgeX = (left * Double(shape.width) - 0.5) * growX + 0.5
    let edgeY = (top * Double(shape.height) - 0.5) * growY + 0.5
    return ProjectiveMap(x: SIMD3(growX, 0, -edgeX), y: SIMD3(0, growY, -edgeY))
  }
}
