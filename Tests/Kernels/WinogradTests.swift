import NunchiKernels
import NunchiTensors
import Testing

/// A matrix of doubles, row by row.
private struct Matrix {
  var rows, columns: Int
  var values: [Double]

  init(_ lines: [[Double]]) { self.init(lines.count, lines[0].count, lines.flatMap { $0 }) }

  init(_ rows: Int, _ columns: Int, _ values: [Double]) {
    (self.rows, self.columns, self.values) = (rows, columns, values)
  }

  var transposed: Matrix {
    Matrix(columns, rows, (0..<columns * rows).map { values[$0 % rows * columns + $0 / rows] })
  }

  var magnitudes: Matrix { Matrix(rows, columns, values.map(abs)) }

  static func * (a: Matrix, b: Matrix) -> Matrix {
    Matrix(
      a.rows, b.columns,
      (0..<a.rows * b.columns).map { index in
        (0..<a.columns).reduce(0) {
          $0 + a.values[index / b.columns * a.columns + $1] * b.values[$1 * b.columns + index % b.columns]
        }
      })
  }
}

/// The transforms of F(m x m, 3 x 3) as Lavin and Gray print them.
private struct Transforms {
  let input, weights, output: Matrix

  init(m: Int) {
    if m == 2 {
      input = Matrix([[1, 0, -1, 0], [0, 1, 1, 0], [0, -1, 1, 0], [0, 1, 0, -1]])
      weights = Matrix([[1, 0, 0], [0.5, 0.5, 0.5], [0.5, -0.5, 0.5], [0, 0, 1]])
      output = Matrix([[1, 1, 1, 0], [0, 1, -1, -1]])
    } else {
      input = Matrix([
        [4, 0, -5, 0, 1, 0], [0, -4, -4, 1, 1, 0], [0, 4, -4, -1, 1, 0], [0, -2, -1, 2, 1, 0], [0, 2, -1, -2, 1, 0],
        [0, 4, 0, -5, 0, 1],
      ])
      let (s, t) = (1.0 / 6, 1.0 / 24)
      weights = Matrix([
        [0.25, 0, 0], [-s, -s, -s], [-s, s, -s], [t, 2 * t, 4 * t], [t, -2 * t, 4 * t], [0, 0, 1],
      ])
      output = Matrix([[1, 1, 1, 1, 1, 0], [0, 1, -1, 2, -2, 0], [0, 1, 1, 4, 4, 0], [0, 1, -1, 8, -8, 1]])
    }
  }
}

/// M x M' with the sizes of what is added up in it.
private func transformed(_ matrix: Matrix, _ values: [Double]) -> (values: [Double], sizes: [Double]) {
  let x = Matrix(matrix.columns, matrix.columns, values)
  return (
    (matrix * x * matrix.transposed).values,
    (matrix.magnitudes * x.magnitudes * matrix.magnitudes.transposed).values
  )
}

/// A line of a transform rounds at most six times, constants included, and there are two of them.
private let share = 12 * unit

/// A problem of tiles with gaps between rows, pixels and points.
private struct Problem: CustomStringConvertible {
  var w = nk_winograd()
  let m: Int
  var side: Int { m + 2 }
  var points: Int { side * side }
  var tiles: Int { Int(w.tile_rows * w.tile_columns) }
  var channels: Int { Int(w.channels) }
  var outputs: Int { Int(w.outputs) }

  var description: String {
    "winograd m\(m) tiles \(w.tile_rows)x\(w.tile_columns) channels\(channels) outputs\(outputs)"
  }

  init(_ index: Int, _ random: inout RandomStream) {
    m = index % 2 == 0 ? 2 : 4
    (w.m, w.panel, w.relu) = (Int32(m), 16, random.flip(0.5) ? 1 : 0)
    (w.channels, w.outputs) = (Int64(max(1, extent(index / 2))), Int64(max(1, extent(index / 3))))
    (w.tile_rows, w.tile_columns) = (Int64(random.integer(in: 1...3)), Int64(random.integer(in: 1...4)))
    w.out_rows = w.tile_rows * Int64(m) - Int64(random.integer(below: m))
    w.out_columns = w.tile_columns * Int64(m) - Int64(random.integer(below: m))
    w.frame_row = (Int(w.tile_columns) * m + 2) * channels + random.integer(in: 0...5)
    w.y_pixel = outputs + random.integer(in: 0...3)
    w.y_row = Int(w.tile_columns) * m * w.y_pixel + random.integer(in: 0...5)
    w.input_plane = tiles * channels + random.integer(in: 0...5)
    w.product_plane = tiles * outputs + random.integer(in: 0...5)
    w.weights_plane = outputs.roundedUp(toMultipleOf: 16) * channels + random.integer(in: 0...5)
  }

  /// The first row and column of a tile's results.
  func corner(_ tile: Int) -> (row: Int, column: Int) {
    let (i, j) = tile.quotientAndRemainder(dividingBy: Int(w.tile_columns))
    return (i * m, j * m)
  }
}

/// Expectations for an array in which gaps stay as they were, here NaN.
private struct Plane {
  var expected: Expectation

  init(count: Int) {
    expected = Expectation(
      values: [Double](repeating: .nan, count: count), bounds: [Double](repeating: 0, count: count))
  }

  mutating func set(_ index: Int, _ value: Double, within bound: Double) {
    expected.values[index] = value
    expected.bounds[index] = bound
  }
}

@Suite struct WinogradTests {
  @Test func weightsToPointsAndBack() {
    var random = RandomStream(seed: 31, name: "winograd weights")
    for index in 0..<40 {
      let m = index % 2 == 0 ? 2 : 4
      let (size, points) = (max(1, extent(index / 2)), (m + 2) * (m + 2))
      let first = random.integer(below: size)
      let part = first..<first + random.integer(in: 1...(size - first))
      for (matrix, from) in [(Transforms(m: m).weights, 9), (Transforms(m: m).weights.transposed, points)] {
        let source = random.numbers(from * size)
        let to = from == 9 ? points : 9
        var plane = Plane(count: to * size)
        for element in part {
          let (values, sizes) = transformed(matrix, (0..<from).map { Double(source[$0 * size + element]) })
          for point in 0..<to { plane.set(point * size + element, values[point], within: share * sizes[point]) }
        }
        check("winograd m\(m) from \(from) to \(to) size\(size) \(part)", plane.expected) { table in
          let (x, y) = (Guarded(source), Guarded<Float>(count: to * size))
          let run = from == 9 ? table.winograd_weights : table.winograd_taps
          withExtendedLifetime(x) {
            run(Int32(m), x.constant, Int64(size), y.pointer, Int64(part.lowerBound), Int64(part.count))
          }
          return y.elements
        }
      }
    }
  }

  @Test func inputTiles() {
    var random = RandomStream(seed: 32, name: "winograd input")
    for index in 0..<54 {
      var p = Problem(index, &random)
      let rows = Int(p.w.tile_rows) * p.m + 2
      let frame = random.numbers((rows - 1) * p.w.frame_row + (Int(p.w.tile_columns) * p.m + 2) * p.channels)
      var plane = Plane(count: (p.points - 1) * p.w.input_plane + p.tiles * p.channels)
      for tile in 0..<p.tiles {
        let (row, column) = p.corner(tile)
        for c in 0..<p.channels {
          let values = (0..<p.points).map { point in
            Double(frame[(row + point / p.side) * p.w.frame_row + (column + point % p.side) * p.channels + c])
          }
          let (points, sizes) = transformed(Transforms(m: p.m).input, values)
          for point in 0..<p.points {
            plane.set(
              point * p.w.input_plane + tile * p.channels + c, points[point], within: share * sizes[point])
          }
        }
      }
      check("\(p) input", plane.expected) { table in
        let (x, v) = (Guarded(frame), Guarded<Float>(count: plane.expected.values.count))
        withExtendedLifetime(x) { table.winograd_input(&p.w, x.constant, v.pointer) }
        return v.elements
      }
    }
  }

  @Test func outputTiles() {
    var random = RandomStream(seed: 33, name: "winograd output")
    for index in 0..<54 {
      var p = Problem(index, &random)
      let product = random.numbers((p.points - 1) * p.w.product_plane + p.tiles * p.outputs)
      let bias = random.flip(0.5) ? random.numbers(p.outputs) : nil
      let count = (Int(p.w.out_rows) - 1) * p.w.y_row + (Int(p.w.out_columns) - 1) * p.w.y_pixel + p.outputs
      let addend = random.flip(0.5) ? random.numbers(count) : nil
      var plane = Plane(count: count)
      for tile in 0..<p.tiles {
        let (row, column) = p.corner(tile)
        for c in 0..<p.outputs {
          let values = (0..<p.points).map { Double(product[$0 * p.w.product_plane + tile * p.outputs + c]) }
          let (results, sizes) = transformed(Transforms(m: p.m).output, values)
          for place in results.indices {
            let (y, x) = (row + place / p.m, column + place % p.m)
            guard y < Int(p.w.out_rows), x < Int(p.w.out_columns) else { continue }
            let at = y * p.w.y_row + x * p.w.y_pixel + c
            let (offset, other) = (Double(bias?[c] ?? 0), Double(addend?[at] ?? 0))
            let value = results[place] + offset + other
            plane.set(
              at, p.w.relu == 1 ? max(value, 0) : value,
              within: share * sizes[place] + 3 * unit * (sizes[place] + abs(offset) + abs(other)))
          }
        }
      }
      check("\(p) output", plane.expected) { table in
        let (x, b, a, y) = (
          Guarded(product), Guarded(bias ?? []), Guarded(addend ?? []), Guarded<Float>(count: count)
        )
        withExtendedLifetime((x, b, a)) {
          table.winograd_output(
            &p.w, x.constant, bias == nil ? nil : b.constant, addend == nil ? nil : a.constant, y.pointer)
        }
        return y.elements
      }
    }
  }

  @Test func gradientTiles() {
    var random = RandomStream(seed: 34, name: "winograd spread")
    for index in 0..<54 {
      var p = Problem(index, &random)
      let rows = Int(p.w.tile_rows) * p.m
      let dy = random.numbers((rows - 1) * p.w.y_row + (Int(p.w.tile_columns) * p.m - 1) * p.w.y_pixel + p.outputs)
      var plane = Plane(count: (p.points - 1) * p.w.product_plane + p.tiles * p.outputs)
      for tile in 0..<p.tiles {
        let (row, column) = p.corner(tile)
        for c in 0..<p.outputs {
          let values = (0..<p.m * p.m).map { place in
            Double(dy[(row + place / p.m) * p.w.y_row + (column + place % p.m) * p.w.y_pixel + c])
          }
          let (points, sizes) = transformed(Transforms(m: p.m).output.transposed, values)
          for point in 0..<p.points {
            plane.set(
              point * p.w.product_plane + tile * p.outputs + c, points[point], within: share * sizes[point])
          }
        }
      }
      check("\(p) gradient", plane.expected) { table in
        let (x, v) = (Guarded(dy), Guarded<Float>(count: plane.expected.values.count))
        withExtendedLifetime(x) { table.winograd_spread(&p.w, x.constant, v.pointer) }
        return v.elements
      }
    }
  }

  @Test func productsAtThePoints() {
    var random = RandomStream(seed: 35, name: "winograd products")
    for index in 0..<54 {
      var p = Problem(index, &random)
      let v = random.numbers((p.points - 1) * p.w.input_plane + p.tiles * p.channels)
      let packed = random.numbers(
        (p.points - 1) * p.w.weights_plane + p.outputs.roundedUp(toMultipleOf: 16) * p.channels)
      var plane = Plane(count: (p.points - 1) * p.w.product_plane + p.tiles * p.outputs)
      for point in 0..<p.points {
        for tile in 0..<p.tiles {
          for o in 0..<p.outputs {
            let panel = point * p.w.weights_plane + o / 16 * 16 * p.channels + o % 16
            let terms = (0..<p.channels).map {
              Double(v[point * p.w.input_plane + tile * p.channels + $0]) * Double(packed[panel + $0 * 16])
            }
            plane.set(
              point * p.w.product_plane + tile * p.outputs + o, terms.reduce(0, +),
              within: Double(2 * p.channels) * unit * terms.reduce(0) { $0 + abs($1) })
          }
        }
      }
      check("\(p) products", plane.expected) { table in
        let (a, b, c) = (Guarded(v), Guarded(packed), Guarded<Float>(count: plane.expected.values.count))
        withExtendedLifetime((a, b)) {
          table.winograd_multiply(&p.w, a.constant, b.constant, c.pointer, Int64(p.tiles))
        }
        return c.elements
      }
    }
  }

  @Test func sumsOverTiles() {
    var random = RandomStream(seed: 36, name: "winograd sums")
    for index in 0..<54 {
      var p = Problem(index, &random)
      let v = random.numbers((p.points - 1) * p.w.input_plane + p.tiles * p.channels)
      let products = random.numbers((p.points - 1) * p.w.product_plane + p.tiles * p.outputs)
      // Rows of results lie as far apart as pixels of y.
      let old = random.numbers((p.points * p.channels - 1) * p.w.y_pixel + p.outputs)
      let accumulate = random.flip(0.5)
      var expected = Expectation()
      for place in old.indices {
        let (row, o) = place.quotientAndRemainder(dividingBy: p.w.y_pixel)
        let (point, c) = row.quotientAndRemainder(dividingBy: p.channels)
        guard o < p.outputs else {
          expected.append(Double(old[place]), within: 0)
          continue
        }
        var terms = (0..<p.tiles).map {
          Double(v[point * p.w.input_plane + $0 * p.channels + c])
            * Double(products[point * p.w.product_plane + $0 * p.outputs + o])
        }
        if accumulate { terms.append(Double(old[place])) }
        expected.append(
          terms.reduce(0, +), within: Double(2 * p.tiles) * unit * terms.reduce(0) { $0 + abs($1) })
      }
      check("\(p) sums accumulate \(accumulate)", expected) { table in
        let (a, b, sums) = (Guarded(v), Guarded(products), Guarded(old))
        withExtendedLifetime((a, b)) {
          table.winograd_correlate(
            &p.w, a.constant, b.constant, sums.pointer, Int64(p.tiles), accumulate ? 1 : 0)
        }
        return sums.elements
      }
    }
  }
}
