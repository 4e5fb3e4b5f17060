import NunchiTensors

/// `FilterKernel.emboss` on bytes.
public struct Emboss: Transform {
  public static let name = "emboss"
  public static let summary = "makes relief of slopes: adds up to strength times right and below less left and above"
  public static let amounts = Amounts.positive
  public static var parameters: [TransformParameter<Self>] { [.init("strength", \.strength, 0...4)] }

  public var strength: Float = 1

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
            let lit = Int32(above[left]) &+ Int32(above[index]) &+ Int32(middle[left])
            let dark = Int32(middle[right]) &+ Int32(below[index]) &+ Int32(below[right])
            target[index] = byte(Int32(middle[index]) &+ ((dark &- lit) &* weight &+ 128) >> 8)
          }
        }
      }
    }
  }
}
