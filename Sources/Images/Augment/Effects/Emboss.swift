import NunchiTensors

/// `FilterKernel.emboss` on bytes.
package struct Emboss: Transform {
  package static let name = "emboss"
  package static let summary = "makes relief of slopes: adds up to strength times right and below less left and above"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("strength", \.strength, 0...4)] }

  package var strength: Float = 1

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let weight = Int32((256 * amount * strength).rounded())
    if weight == 0 { return .none }
    return .pixels { pixels in
      pixels.changeByNeighbours { near in
        let lit = near.topLeft &+ near.top &+ near.left
        let dark = near.right &+ near.bottom &+ near.bottomRight
        return byte(near.centre &+ ((dark &- lit) &* weight &+ 128) >> 8)
      }
    }
  }
}
