import NunchiTensors

/// `FilterKernel.sharpen` on bytes.
package struct Sharpen: Transform {
  package static let name = "sharpen"
  package static let summary = "adds up to strength times the difference from the eight neighbours"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("strength", \.strength, 0...4)] }

  package var strength: Float = 0.5

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let weight = Int32((256 * amount * strength).rounded())
    if weight == 0 { return .none }
    return .pixels { pixels in
      pixels.changeByNeighbours { near in
        let ring =
          near.topLeft &+ near.top &+ near.topRight &+ near.left &+ near.right &+ near.bottomLeft &+ near.bottom
          &+ near.bottomRight
        return byte(near.centre &+ ((8 &* near.centre &- ring) &* weight &+ 128) >> 8)
      }
    }
  }
}
