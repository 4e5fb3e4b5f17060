import NunchiTensors

/// `FilterKernel.sharpen` on bytes.
public struct Sharpen: Transform {
  public static let name = "sharpen"
  public static let summary = "adds up to strength times the difference from the eight neighbours"
  public static let amounts = Amounts.positive
  public static var parameters: [TransformParameter<Self>] { [.init("strength", \.strength, 0...4)] }

  public var strength: Float = 0.5

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let weight = Int32((256 * amount * strength).rounded())
    if weight == 0 { return .none }
    return .pixels { pixels in
      let (channels, line) = (pixels.shape.channels, pixels.shape.width * pixels.shape.channels)
      withMargin(1, round: pixels.samples, pixels.shape) { inside, row in
        for y in 0..<pixels.shape.height {
          let (middle, target) = (inside + y * row, pixels.samples + y * line)
          let (above, below) = (middle - row, middle + row)
          for index in 0..<line {
            let (left, right) = (index &- channels, index &+ channels)
            let value = Int32(middle[index])
            let ring =
              Int32(above[left]) &+ Int32(above[index]) &+ Int32(above[right]) &+ Int32(middle[left])
              &+ Int32(middle[right]) &+ Int32(below[left]) &+ Int32(below[index]) &+ Int32(below[right])
            target[index] = byte(value &+ ((8 &* value &- ring) &* weight &+ 128) >> 8)
          }
        }
      }
    }
  }
}
