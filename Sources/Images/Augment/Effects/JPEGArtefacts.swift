import NunchiTensors

/// What JPEG makes of the picture at a low quality. Where the build has no JPEG, pictures stay as they are.
package struct JPEGArtefacts: Transform {
  package static let name = "jpeg"
  package static let summary = "stores and reads the picture as JPEG, with a quality from 95 down to quality"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("quality", \.quality, 1...95)] }

  package var quality: Float = 10

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let quality = Int((95 - amount * (95 - quality)).rounded())
    if amount == 0 { return .none }
    return .pixels { pixels in
      let picture = Image(
        width: pixels.shape.width, height: pixels.shape.height, channels: pixels.shape.channels,
        bytes: Array(UnsafeBufferPointer(start: pixels.samples, count: pixels.count)))
      guard let file = try? picture.encodedJPEG(quality: quality), let stored = try? ImageDecoder().decode(file)
      else { return }
      stored.bytes.withUnsafeBufferPointer { pixels.samples.update(from: $0.baseAddress!, count: pixels.count) }
    }
  }
}
