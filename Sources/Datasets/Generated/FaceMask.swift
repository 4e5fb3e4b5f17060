import NunchiTensors

/// Where a mask sits. Only the first covers mouth and nose.
enum MaskPlace: CaseIterable {
  case worn, underNose, onChin
}

/// A face mask. Its kinds, colours and prints are the same wherever it sits.
struct FaceMask {
  enum Kind: CaseIterable {
    case surgical, cloth, respirator, duckbill, gaiter
  }

  private let kind: Kind
  private let fabric: Fabric
  private let top: Float
  private let half: Float
  private let slip: Float
  private let hasValve: Bool
  private let strap: Colour

  /// - Parameter neckwear: what is worn round the neck; only that can be pulled up as a gaiter.
  init(_ stream: inout RandomStream, neckwear: Fabric?) {
    let kinds: [Kind] = [.surgical, .surgical, .surgical, .cloth, .cloth, .cloth, .respirator, .duckbill]
    let drawn = stream.pick(kinds)
    let isPulledUp = stream.flip(0.6)
    kind = neckwear != nil && isPulledUp ? .gaiter : drawn
    let plain: Float = kind == .cloth ? 0.35 : 0.85
    let own = Fabric(&stream, plain: plain)
    fabric = kind == .gaiter ? neckwear ?? own : own
    top = stream.uniform(0.08...0.17)
    half = stream.uniform(0.58...0.68)
    slip = stream.uniform(-0.04...0.05)
    hasValve = stream.flip(0.6)
    strap = stream.flip(0.7) ? Colour(0.92, 0.92, 0.91) : fabric.base.scaled(0.8)
  }

  func draw(_ place: MaskPlace, _ canvas: inout Canvas, _ head: Head) {
    let shape = shape(place)
    let visible = head.over(shape, margin: kind == .gaiter ? 0.07 : 0.045)
    if kind != .gaiter { drawStraps(shape, &canvas, head) }
    canvas.paint(head.frame, Grown(visible, by: 0.03), head.skin.scaled(0.4).faded(0.35), softness: 0.08)
    let (fabric, turn) = (fabric, head.turn)
    canvas.paint(head.frame, visible) { point in
      let place = turn.surface(point)
      return fabric.colour(place).scaled(1.04 - 0.32 * place.x * place.x - 0.10 * max(place.y - shape.middle, 0))
    }
    switch kind {
    case .surgical: drawPleats(shape, &canvas, head)
    case .cloth: drawSeam(shape, &canvas, head)
    case .respirator: drawCup(shape, &canvas, head)
    case .duckbill: drawBill(shape, &canvas, head)
    case .gaiter: drawFolds(shape, &canvas, head)
    }
  }

  private func shape(_ place: MaskPlace) -> MaskShape {
    let (above, below): (Float, Float) =
      switch place {
      case .worn: (top, 1.02 + slip)
      case .underNose: (0.39 + slip * 0.6, 1.08 + slip)
      case .onChin: (0.73 + slip * 0.6, 1.2 + slip)
      }
    let tall = below - above
    switch kind {
    case .surgical, .cloth:
      return MaskShape(
        top: above, topSide: above + 0.14 * tall, bottom: below, bottomSide: below - 0.26 * tall, half: half,
        corner: 0.09)
    case .respirator:
      return MaskShape(
        top: above - 0.02, topSide: above + 0.30 * tall, bottom: below + 0.02, bottomSide: below - 0.34 * tall,
        half: half * 0.94, corner: 0.16)
    case .duckbill:
      return MaskShape(
        top: above, topSide: above + 0.34 * tall, bottom: below, bottomSide: below - 0.30 * tall, half: half,
        corner: 0.05)
    case .gaiter:
      return MaskShape(top: above, topSide: above + 0.05, bottom: 1.5, bottomSide: 1.5, half: 1.1, corner: 0.05)
    }
  }

  private func drawStraps(_ shape: MaskShape, _ canvas: inout Canvas, _ head: Head) {
    for side in [Float(-1), 1] {
      let ear = Point(side * (head.width + 0.03) - 0.3 * head.turn.yaw.y, 0.05)
      let upper = head.seen(side * shape.half * 0.97, shape.topSide + 0.03)
      let lower = head.seen(side * shape.half * 0.95, shape.bottomSide - 0.03)
      canvas.paint(head.frame, Stroke(upper, ear, 0.015), strap)
      canvas.paint(head.frame, Stroke(lower, ear + Point(0, 0.12), 0.015), strap.scaled(0.92))
    }
  }

  private func clip<F: Figure>(_ figure: F, _ shape: MaskShape, _ head: Head) -> Overlap<
    Turned<Overlap<F, MaskShape>>, Grown<Head.Outline>
  > {
    head.over(Overlap(figure, shape), margin: 0.045)
  }

  private var shade: Colour { fabric.base.scaled(0.68) }

  private func drawPleats(_ shape: MaskShape, _ canvas: inout Canvas, _ head: Head) {
    let tall = shape.bottom - shape.top
    for pleat in 1...3 {
      let v = shape.top + tall * (0.12 + 0.2 * Float(pleat))
      let line = Arch(0, v, half: 0.8, bend: 0.035, 0.012)
      canvas.paint(head.frame, clip(line, shape, head), shade.faded(0.75))
      canvas.paint(
        head.frame, clip(Arch(0, v + 0.03, half: 0.8, bend: 0.035, 0.02), shape, head), shade.faded(0.25),
        softness: 0.05)
    }
    canvas.paint(head.frame, clip(Rim(Grown(shape, by: -0.035), 0.009), shape, head), shade.faded(0.6))
    let wire = Arch(0, shape.top + 0.045, half: 0.2, bend: -0.015, 0.02)
    canvas.paint(head.frame, clip(wire, shape, head), Colour.white.faded(0.45), softness: 0.03)
  }

  private func drawSeam(_ shape: MaskShape, _ canvas: inout Canvas, _ head: Head) {
    let seam = Stroke(Point(0, shape.top), Point(0, shape.bottom), 0.009)
    canvas.paint(head.frame, clip(seam, shape, head), shade.faded(0.7))
    canvas.paint(head.frame, clip(Rim(shape, 0.022), shape, head), fabric.second.scaled(0.85).faded(0.8))
    let shine = Ellipse(head.farSide * -0.14, shape.top + 0.35 * (shape.bottom - shape.top), 0.15, 0.12)
    canvas.paint(head.frame, clip(shine, shape, head), Colour.white.faded(0.12), softness: 0.18)
  }

  private func drawCup(_ shape: MaskShape, _ canvas: inout Canvas, _ head: Head) {
    canvas.paint(head.frame, clip(Rim(Grown(shape, by: -0.05), 0.008), shape, head), shade.faded(0.7))
    let middle = shape.middle
    let dome = Ellipse(0, middle - 0.05, 0.3, 0.26)
    canvas.paint(head.frame, clip(dome, shape, head), Colour.white.faded(0.16), softness: 0.25)
    let clip = self.clip(Arch(0, shape.top + 0.07, half: 0.15, bend: -0.03, 0.022), shape, head)
    canvas.paint(head.frame, clip, Colour(0.72, 0.74, 0.76))
    guard hasValve else { return }
    let side = -head.farSide * 0.2
    let valve = Block(side, middle + 0.06, 0.125, 0.11, corner: 0.045)
    canvas.paint(head.frame, self.clip(Grown(valve, by: 0.018), shape, head), shade)
    canvas.paint(head.frame, self.clip(valve, shape, head), fabric.second.mixed(with: .white, 0.6))
    for slit in 0..<3 {
      let line = Block(side, middle + 0.0 + 0.055 * Float(slit), 0.085, 0.010)
      canvas.paint(head.frame, self.clip(line, shape, head), shade.scaled(0.6))
    }
  }

  private func drawBill(_ shape: MaskShape, _ canvas: inout Canvas, _ head: Head) {
    let middle = shape.middle + 0.02
    let lower = Block(0, middle + 1, 2, 1)
    canvas.paint(head.frame, clip(lower, shape, head), shade.faded(0.55))
    canvas.paint(head.frame, clip(Arch(0, middle, half: 0.66, bend: 0.03, 0.014), shape, head), shade.scaled(0.8))
    for side in [Float(-1), 1] {
      let edge = Stroke(Point(side * 0.3, shape.top + 0.06), Point(side * 0.5, middle), 0.007)
      canvas.paint(head.frame, clip(edge, shape, head), shade.faded(0.5))
    }
    let wire = Arch(0, shape.top + 0.05, half: 0.16, bend: -0.02, 0.018)
    canvas.paint(head.frame, clip(wire, shape, head), Colour(0.75, 0.76, 0.78))
  }

  private func drawFolds(_ shape: MaskShape, _ canvas: inout Canvas, _ head: Head) {
    for fold in 0..<4 {
      let v = shape.top + 0.24 + 0.25 * Float(fold)
      let tilt = Float(fold & 1) * 0.12 - 0.06
      let line = Stroke(Point(-0.75, v - tilt), Point(0.7, v + tilt), 0.012)
      canvas.paint(head.frame, clip(line, shape, head), shade.faded(0.45), softness: 0.05)
    }
    canvas.paint(head.frame, clip(Rim(shape, 0.02), shape, head), shade.faded(0.6))
  }
}

/// The outline of a mask on the face: curves above and below, upright sides, round corners.
struct MaskShape: Figure {
  /// v of the upper edge in the middle and at the sides.
  var top: Float
  var topSide: Float
  var bottom: Float
  var bottomSide: Float
  /// Half the width.
  var half: Float
  var corner: Float

  var middle: Float { (top + min(bottom, top + 1)) / 2 }

  var bounds: Bounds {
    Bounds(low: Point(-half, min(top, topSide)), high: Point(half, max(bottom, bottomSide)))
  }

  @inline(__always)
  func distance(_ point: Point) -> Float {
    let share = min(point.x * point.x / (half * half), 1.2)
    let above = top + (topSide - top) * share - point.y
    let below = point.y - bottom + (bottom - bottomSide) * share
    let over = Point(max(above, below), abs(point.x) - half) + corner
    let out = pointwiseMax(over, .zero)
    return (out * out).sum().squareRoot() + min(max(over.x, over.y), 0) - corner
  }
}
