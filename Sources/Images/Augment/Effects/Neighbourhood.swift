/// A sample and the eight round it, of the same channel.
struct Neighbourhood {
  /// The sample itself, and those at the same place of the rows above and below it.
  let middle: UnsafePointer<UInt8>
  let above: UnsafePointer<UInt8>
  let below: UnsafePointer<UInt8>
  /// From a sample to the one on its right.
  let step: Int

  var centre: Int32 { Int32(middle[0]) }
  var left: Int32 { Int32(middle[-step]) }
  var right: Int32 { Int32(middle[step]) }
  var top: Int32 { Int32(above[0]) }
  var topLeft: Int32 { Int32(above[-step]) }
  var topRight: Int32 { Int32(above[step]) }
  var bottom: Int32 { Int32(below[0]) }
  var bottomLeft: Int32 { Int32(below[-step]) }
  var bottomRight: Int32 { Int32(below[step]) }
}

extension Pixels {
  /// Replaces every sample by what `change` makes of it and its neighbours, reflected at the edges.
  @inline(__always)
  func changeByNeighbours(_ change: (Neighbourhood) -> UInt8) {
    let line = shape.width * shape.channels
    withMargin(1, round: samples, shape) { inside, row in
      for y in 0..<shape.height {
        let (middle, target) = (inside + y * row, samples + y * line)
        for index in 0..<line {
          let place = middle + index
          target[index] = change(
            Neighbourhood(middle: place, above: place - row, below: place + row, step: shape.channels))
        }
      }
    }
  }
}
