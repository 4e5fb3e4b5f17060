import NunchiTensors

/// A smooth random field over a picture: the sum of grids of random numbers, each twice as fine and half as strong as the
/// one before, bilinear between their points. Its values lie in 0...1, most of them near the middle.
struct SmoothNoise {
  /// Squares of the first grid along the longer side.
  let cells: Int
  let grids: Int

  /// Calls `row` with the field's values of each row from the top.
  func forEachRow(
    _ shape: PictureShape, seed: UInt64, _ row: (_ y: Int, _ values: UnsafeMutablePointer<Float>) -> Void
  ) {
    let width = shape.width
    var stream = RandomStream(seed: seed, name: "smooth noise")
    let layers = (0..<grids).map { Layer(cells << $0, weight: weight($0), shape, &stream) }
    withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { values in
      let values = values.baseAddress!
      for y in 0..<shape.height {
        values.update(repeating: 0, count: width)
        for layer in layers { layer.add(y, to: values, width) }
        row(y, values)
      }
    }
  }

  private func weight(_ grid: Int) -> Float { Float(1 << (grids - 1 - grid)) / Float(1 << grids - 1) }

  /// One grid: its rows already spread over the picture's width.
  private struct Layer {
    private let lines: [Float]
    private let down: Float

    init(_ cells: Int, weight: Float, _ shape: PictureShape, _ stream: inout RandomStream) {
      let width = shape.width
      let step = Float(cells) / Float(max(shape.width, shape.height))
      let across = Int(Float(width) * step) + 2
      let rows = Int(Float(shape.height) * step) + 2
      down = step
      lines = [Float](unsafeUninitializedCapacity: rows * width) { lines, count in
        withUnsafeTemporaryAllocation(of: Float.self, capacity: across) { points in
          for row in 0..<rows {
            for point in 0..<across { points[point] = weight * stream.uniform() }
            for x in 0..<width {
              let place = Float(x) * step
              let left = Int(place)
              lines[row * width + x] = points[left] + (points[left + 1] - points[left]) * ease(place - Float(left))
            }
          }
        }
        count = rows * width
      }
    }

    func add(_ y: Int, to values: UnsafeMutablePointer<Float>, _ width: Int) {
      let place = Float(y) * down
      let top = Int(place)
      let share = ease(place - Float(top))
      lines.withUnsafeBufferPointer { lines in
        let above = lines.baseAddress! + top * width
        let below = above + width
        for x in 0..<width { values[x] += above[x] + (below[x] - above[x]) * share }
      }
    }
  }
}

/// 3t² - 2t³: from 0 to 1 without a corner at either end.
@inline(__always)
func ease(_ t: Float) -> Float { t * t * (3 - 2 * t) }
