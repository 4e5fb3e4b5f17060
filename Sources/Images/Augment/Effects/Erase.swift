import NunchiSystem
import NunchiTensors

/// A rectangle anywhere, painted over in one colour: its area a share of the picture, its sides as 1:3 to 3:1.
package struct Erase: Transform {
  package static let name = "erase"
  package static let summary = "paints over a rectangle of up to a share of the picture"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("share", \.share, 0...1)] }

  package var share: Float = 0.25

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let aspect = exp(Double(stream.uniform(-1...1)) * log(3))
    let (left, top) = (stream.uniform(), stream.uniform())
    let colour = (0..<3).map { _ in UInt8(stream.integer(below: 256)) }
    let area = Double(amount * share) * Double(shape.width * shape.height)
    let width = min(Int((area * aspect).squareRoot().rounded()), shape.width)
    let height = min(Int((area / aspect).squareRoot().rounded()), shape.height)
    if width == 0 || height == 0 { return .none }
    let x = Int(left * Float(shape.width - width + 1))
    let y = Int(top * Float(shape.height - height + 1))
    return .pixels { pixels in
      let channels = pixels.shape.channels
      for row in y..<y + height {
        let start = pixels.samples + (row * pixels.shape.width + x) * channels
        for pixel in 0..<width {
          for channel in 0..<channels { start[pixel * channels + channel] = colour[channel] }
        }
      }
    }
  }
}
