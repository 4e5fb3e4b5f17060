import NunchiTensors

/// Moves the picture sideways.
public struct TranslateX: Transform {
  public static let name = "translate-x"
  public static let summary = "moves sideways by up to a share of the width"
  public static let amounts = Amounts.signed
  public static let parameters = [TransformParameter("share", \TranslateX.share, 0...1)]

  public var share: Float = 0.15

  public init() {}
  public init(share: Float) { self.share = share }

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .projective(ProjectiveMap(moveX: Double(amount * share) * Double(shape.width), moveY: 0))
  }
}

/// Moves the picture up or down.
public struct TranslateY: Transform {
  public static let name = "translate-y"
  public static let summary = "moves up or down by up to a share of the height"
  public static let amounts = Amounts.signed
  public static let parameters = [TransformParameter("share", \TranslateY.share, 0...1)]

  public var share: Float = 0.15

  public init() {}
  public init(share: Float) { self.share = share }

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .projective(ProjectiveMap(moveX: 0, moveY: Double(amount * share) * Double(shape.height)))
  }
}

/// Changes the size of what is seen; the picture keeps its own.
public struct Zoom: Transform {
  public static let name = "zoom"
  public static let summary = "grows or shrinks by a factor of 1 ± share"
  public static let amounts = Amounts.signed
  public static let parameters = [TransformParameter("share", \Zoom.share, 0...0.9)]

  public var share: Float = 0.2

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let factor = Double(1 + amount * share)
    return .projective(ProjectiveMap(factor, 0, 0, factor, about: shape.centre))
  }
}
