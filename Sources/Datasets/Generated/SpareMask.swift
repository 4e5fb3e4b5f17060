import NunchiTensors

/// A mask that is not over the mouth and has nothing to do with the one that may be: on the forehead, or dangling from an
/// ear. Drawn in both classes alike, so that a mask somewhere in the picture says nothing.
struct SpareMask {
  private let isOnForehead: Bool
  private let fabric: Fabric
  private let side: Float

  /// Rarely there.
  init?(_ stream: inout RandomStream, share: Float) {
    let isThere = stream.flip(share)
    isOnForehead = stream.flip(0.5)
    fabric = Fabric(&stream, plain: 0.7)
    side = stream.flip(0.5) ? 1 : -1
    if !isThere { return nil }
  }

  func draw(_ canvas: inout Canvas, _ head: Head) {
    let (fabric, frame) = (fabric, head.frame)
    let shade = fabric.base.scaled(0.7)
    if isOnForehead {
      let shape = MaskShape(top: -0.92, topSide: -0.84, bottom: -0.42, bottomSide: -0.5, half: 0.52, corner: 0.09)
      for side in [Float(-1), 1] {
        let corner = head.seen(side * 0.5, -0.6)
        canvas.paint(frame, Stroke(corner, Point(side * head.width, -0.06), 0.018), Colour(0.9, 0.9, 0.9))
      }
      canvas.paint(frame, head.over(shape, margin: 0.1)) { fabric.colour($0) }
      for pleat in 0..<2 {
        let line = Overlap(Arch(0, -0.75 + 0.15 * Float(pleat), half: 0.7, bend: 0.03, 0.012), shape)
        canvas.paint(frame, head.over(line, margin: 0.1), shade.faded(0.7))
      }
    } else {
      let ear = Point(side * (head.width + 0.05) - 0.3 * head.turn.yaw.y, 0.05)
      let hung = frame.inner(ear, turns: side * -0.02)
      canvas.paint(hung, Rim(Ellipse(0, 0.2, 0.07, 0.24), 0.016), Colour(0.92, 0.92, 0.92))
      canvas.paint(hung, Block(side * 0.06, 0.75, 0.17, 0.36, corner: 0.07)) { fabric.colour($0) }
      for pleat in 0..<2 {
        canvas.paint(hung, Block(side * 0.06 - 0.06 + 0.12 * Float(pleat), 0.75, 0.011, 0.33), shade.faded(0.7))
      }
    }
  }
}
