import NunchiTensors

/// Swaps left and right.
public struct FlipHorizontal: Transform {
  public static let name = "flip-horizontal"
  public static let summary = "swaps left and right"
  public static let amounts = Amounts.fixed
  public static let parameters: [TransformParameter<Self>] = []

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .projective(ProjectiveMap(-1, 0, 0, 1, about: shape.centre))
  }
}

/// Swaps top and bottom.
public struct FlipVertical: Transform {
  public static let name = "flip-vertical"
  public static let summary = "swaps top and bottom"
  public static let amounts = Amounts.fixed
  public static let parameters: [TransformParameter<Self>] = []

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .projective(ProjectiveMap(1, 0, 0, -1, about: shape.centre))
  }
}
