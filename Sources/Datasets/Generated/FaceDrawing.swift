import NunchiImages
import NunchiTensors

/// One drawn face. Each part takes its numbers from a stream of its own, which knows nothing of the class: the class
/// decides only where the mask sits, and whether what is held is before the mouth.
struct FaceDrawing {
  /// What lies over mouth and nose.
  enum Cover: Hashable {
    case bare
    case mask(MaskPlace)
  }

  private let cover: Cover
  private let isMasked: Bool
  private let size: Int
  private let backdrop: FaceBackdrop
  private let head: Head
  private let features: FaceFeatures
  private let hair: FaceHair
  private let clothes: FaceClothes
  private let mask: FaceMask
  private let glasses: Glasses?
  private let spare: SpareMask?
  private let held: HeldThing?
  private var camera: FaceCamera

  init(seed: UInt64, index: Int, size: Int, variety: FaceVariety, isMasked: Bool) {
    self.size = size
    self.isMasked = isMasked
    func part<Part>(_ name: String, _ make: (inout RandomStream) -> Part) -> Part {
      var stream = RandomStream(
        seed: seed, name: "faces/" + name,
        position: (UInt32(truncatingIfNeeded: index), UInt32(truncatingIfNeeded: index >> 32)))
      return make(&stream)
    }
    cover = part("cover") { stream in
      let isWrong = stream.flip(variety.wronglyWorn)
      let place = stream.flip(0.5) ? MaskPlace.underNose : .onChin
      return isMasked ? .mask(.worn) : isWrong ? .mask(place) : .bare
    }
    backdrop = part("backdrop") { FaceBackdrop(&$0) }
    head = part("head") { Head(&$0, size: size, variety: variety) }
    features = part("features") { FaceFeatures(&$0) }
    hair = part("hair") { FaceHair(&$0) }
    let clothes = part("clothes") { FaceClothes(&$0) }
    self.clothes = clothes
    mask = part("mask") { FaceMask(&$0, neckwear: clothes.neckwear) }
    glasses = part("glasses") { Glasses(&$0) }
    spare = part("spare") { SpareMask(&$0, share: variety.spareMask) }
    held = part("held") { HeldThing(&$0, share: variety.held) }
    camera = part("camera") { FaceCamera(&$0, roughness: variety.roughness) }
  }

  /// The quality that a JPEG file of the picture has.
  var quality: Int { camera.quality }

  /// The picture. `isMouthHidden`: with one gray over all of the face below the eyes, where the classes differ.
  mutating func draw(isMouthHidden: Bool = false) -> Image {
    var canvas = Canvas(size: size)
    backdrop.draw(&canvas)
    hair.drawBehind(&canvas, head)
    clothes.draw(&canvas, head)
    head.draw(&canvas)
    features.draw(&canvas, head)
    clothes.drawNeckwear(&canvas, head)
    if case .mask(let place) = cover { mask.draw(place, &canvas, head) }
    hair.drawBefore(&canvas, head)
    glasses?.draw(&canvas, head)
    spare?.draw(&canvas, head)
    held?.draw(isBeforeMouth: !isMasked, &canvas, head, sleeve: clothes.fabric)
    camera.shade(&canvas, head)
    if isMouthHidden {
      // The edges of masks are some pixels wide on small faces.
      let top = min(head.seen(0, 0).y, 0) - 2 / head.frame.unit
      canvas.paint(head.frame, Block(0, (top + 2) / 2, 1.75, (2 - top) / 2), Colour(0.5, 0.5, 0.5))
    }
    return camera.develop(&canvas)
  }
}
