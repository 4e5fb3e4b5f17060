import NunchiTensors

/// Shows a part of the picture at its full size, somewhere inside it.
public struct Crop: Transform {
  public static let name = "crop"
  public static let summary = "shows a part of the picture, smaller by up to a share of each side"
  public static let amounts = Amounts.positive
  public static let parameters = [TransformParameter("share", \Crop.share, 0...0.9)]

  public var share: Float = 0.25

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let lost = Double(amount * share)
    let left = lost * Double(stream.uniform())
    let top = lost * Double(stream.uniform())
    return .projective(.showing(left: left, top: top, right: lost - left, bottom: lost - top, of: shape))
  }
}

/// Takes from each side of the picture, or adds to it; what is left is shown at the full size.
public struct CropAndPad: Transform {
  public static let name = "crop-and-pad"
  public static let summary = "cuts from or adds to each side by itself, up to a share of the picture"
  public static let amounts = Amounts.positive
  public static let parameters = [TransformParameter("share", \CropAndPad.share, 0...0.45)]

  public var share: Float = 0.15

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    var side: Double { Double(amount * share * stream.uniform(-1...1)) }
    let (left, top, right, bottom) = (side, side, side, side)
    return .projective(.showing(left: left, top: top, right: right, bottom: bottom, of: shape))
  }
}

extension ProjectiveMap {
  /// What is left after a share of the width or height has gone from each side becomes the whole picture. Negative shares
  /// are added.
  public static func showing(
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
