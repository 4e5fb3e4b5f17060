/// Where the points of a picture go: maps and displacements, one after another, done in one resampling.
///
/// Neighbouring projective maps are one map, and what adds up to no change is none: the picture is then not resampled.
package struct Geometry: Sendable, Hashable {
  enum Stage: Sendable, Hashable {
    case projective(ProjectiveMap)
    case displacement(DisplacementField)
  }

  private(set) var stages: [Stage] = []

  package init() {}

  package var isIdentity: Bool { stages.isEmpty }

  /// Adds a map that comes after all others.
  package mutating func append(_ map: ProjectiveMap) {
    if case .projective(let before) = stages.last {
      stages.removeLast()
      let both = before.then(map)
      if !both.isIdentity { stages.append(.projective(both)) }
    } else if !map.isIdentity {
      stages.append(.projective(map))
    }
  }

  /// Adds a displacement that comes after all others.
  package mutating func append(_ field: DisplacementField) {
    if field.vectors.contains(where: { $0 != SIMD2() }) { stages.append(.displacement(field)) }
  }

  /// Where a point of the picture goes, so that corners of boxes and outlines can follow.
  package func move(_ point: Point) -> Point {
    stages.reduce(point) { point, stage in
      switch stage {
      case .projective(let map): map.move(point)
      case .displacement(let field): field.move(point)
      }
    }
  }

  /// Writes the changed picture to `target`, which must not overlap the source.
  func write(_ source: WarpSource, fill: Fill, to target: UnsafeMutablePointer<UInt8>) {
    guard let first = stages.first else {
      return target.update(from: source.samples, count: source.rowBytes * source.shape.height)
    }
    if stages.count == 1, case .projective(let map) = first, map.isAffine {
      Self.write(source, back: map.inverse, fill: fill, to: target)
    } else {
      writePlaces(source, fill: fill, to: target)
    }
  }

  /// Rows are straight lines in the source; the start of each is exact.
  private static func write(
    _ source: WarpSource, back: ProjectiveMap, fill: Fill, to target: UnsafeMutablePointer<UInt8>
  ) {
    let step = Warp.Place(Point(back.x.x, back.y.x))
    source.withFrame(frame(source.shape, back), fill) { framed, frame in
      for y in 0..<source.shape.height {
        let start = Warp.Place(back.move(Point(0, Double(y))))
        Warp.row(
          framed, from: Warp.Place(x: start.x + frame << 16, y: start.y + frame << 16), step: step, fill: fill,
          count: source.shape.width, to: target + y * source.rowBytes)
      }
    }
  }

  /// By how many pixels the lines leave the picture.
  private static func frame(_ shape: PictureShape, _ back: ProjectiveMap) -> Int {
    let (right, bottom) = (Double(shape.width - 1), Double(shape.height - 1))
    let corners = [(0, 0), (right, 0), (0, bottom), (right, bottom)].map { back.move(Point($0.0, $0.1)) }
    let beyond = corners.map { max(-$0.x, $0.x - right, -$0.y, $0.y - bottom) }.max()!
    return Int(min(max(beyond, 0), 1e6).rounded(.up)) + 2
  }

  /// Every pixel goes its own way back through the stages.
  private func writePlaces(_ source: WarpSource, fill: Fill, to target: UnsafeMutablePointer<UInt8>) {
    let back = stages.reversed().map { stage in
      switch stage {
      case .projective(let map): Stage.projective(map.inverse)
      case .displacement: stage
      }
    }
    let width = source.shape.width
    withUnsafeTemporaryAllocation(of: Point.self, capacity: width) { points in
      withUnsafeTemporaryAllocation(of: Warp.Place.self, capacity: width) { places in
        for y in 0..<source.shape.height {
          for x in 0..<width { points[x] = Point(Double(x), Double(y)) }
          for stage in back {
            switch stage {
            case .projective(let map): map.move(points)
            case .displacement(let field): field.displace(points)
            }
          }
          for x in 0..<width { places[x] = Warp.Place(points[x]) }
          Warp.row(source, at: places.baseAddress!, fill: fill, count: width, to: target + y * source.rowBytes)
        }
      }
    }
  }
}

extension Warp.Place {
  /// The nearest 1/65536 pixel; what lies very far away is brought to where sums cannot overflow.
  fileprivate init(_ point: Point) {
    func fixed(_ position: Double) -> Int { Int((min(max(position, -1e9), 1e9) * 65536).rounded()) }
    self.init(x: fixed(point.x), y: fixed(point.y))
  }
}
