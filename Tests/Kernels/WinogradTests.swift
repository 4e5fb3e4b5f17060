import NunchiKernels
import NunchiTensors
import Testing

/// Every side, with channels round a vector and the panels.
private let sides = [2, 4]
private let counts = [1, 8, 15, 16, 17, 24, 40, 48, 72]
/// Tiles down and across.
private let grids = [(1, 1), (2, 3)]

extension nk_winograd {
  /// Tiles of `channels` in and `outputs` out; strides and planes have some room, which stays as it is.
  fileprivate init(_ m: Int, channels: Int, outputs: Int, grid: (down: Int, across: Int), relu: Bool = false) {
    let tiles = grid.down * grid.across
    let columns = (outputs + 2) * (grid.across * m) + 1
    self.init(
      m: Int32(m), panel: 16, relu: relu ? 1 : 0, channels: Int64(channels), outputs: Int64(outputs),
      tile_rows: Int64(grid.down), tile_columns: Int64(grid.across), out_rows: Int64(grid.down * m),
      out_columns: Int64(grid.across * m), frame_row: (grid.across * m + 2) * channels + 3, y_row: columns,
      y_pixel: outputs + 2, input_plane: tiles * channels + 5, weights_plane: 0, product_plane: tiles * outputs + 7)
  }

  fileprivate var side: Int { Int(m) + 2 }
  fileprivate var points: Int { side * side }
  fileprivate var tiles: Int { Int(tile_rows * tile_columns) }
  fileprivate var inputs: Int { Int(channels) }
  fileprivate var results: Int { Int(outputs) }

  /// Floats up to the last one that exists.
  fileprivate var frameCount: Int {
    (Int(tile_rows) * Int(m) + 1) * frame_row + (Int(tile_columns) * Int(m) + 2) * inputs
  }
  fileprivate var inputCount: Int { (points - 1) * input_plane + tiles * inputs }
  fileprivate var productCount: Int { (points - 1) * product_plane + tiles * results }
  fileprivate var resultCount: Int { (Int(out_rows) - 1) * y_row + (Int(out_columns) - 1) * y_pixel + results }

  fileprivate var text: String { "F(\(m),3) \(channels) to \(outputs), tiles \(tile_rows)x\(tile_columns)" }
}

/// An expectation of so many elements that nobody touches.
private func untouched(_ count: Int) -> Expectation {
  Expectation(values: [Double](repeating: .nan, count: count), bounds: [Double](repeating: 0, count: count))
}

/// The five transforms against their matrices, element by element, and every element in between left alone.
@Suite struct WinogradTransformTests {
  @Test(arguments: sides) func input(_ m: Int) {
    var random = RandomStream(seed: 1, name: "winograd")
    let transform = WinogradTransform.input(m)
    for channels in counts {
      for grid in grids {
        let w = nk_winograd(m, channels: channels, outputs: 1, grid: grid)
        let frame = random.numbers(w.frameCount)
        var expected = untouched(w.inputCount)
        for tile in 0..<w.tiles {
          let (i, j) = (tile / grid.1, tile % grid.1)
          for c in 0..<channels {
            let values = transform.of { row, column in
              frame[(i * m + row) * w.frame_row + (j * m + column) * channels + c]
            }
            for (point, value) in values.enumerated() {
              expected.set(point * w.input_plane + tile * channels + c, value)
            }
          }
        }
        check("input of \(w.text)", expected) { table in
          let (source, v) = (Guarded(frame), Guarded<Float>(count: w.inputCount))
          withExtendedLifetime(source) { table.winograd_input([w], source.constant, v.pointer) }
          return v.elements
        }
      }
    }
  }

  @Test(arguments: sides) func spread(_ m: Int) {
    var random = RandomStream(seed: 2, name: "winograd")
    let transform = WinogradTransform.spread(m)
    for outputs in counts {
      for grid in grids {
        let w = nk_winograd(m, channels: 1, outputs: outputs, grid: grid)
        let dy = random.numbers(w.resultCount)
        var expected = untouched(w.productCount)
        for tile in 0..<w.tiles {
          let (i, j) = (tile / grid.1, tile % grid.1)
          for c in 0..<outputs {
            let values = transform.of { row, column in
              dy[(i * m + row) * w.y_row + (j * m + column) * w.y_pixel + c]
            }
            for (point, value) in values.enumerated() {
              expected.set(point * w.product_plane + tile * outputs + c, value)
            }
          }
        }
        check("spread of \(w.text)", expected) { table in
          let (source, products) = (Guarded(dy), Guarded<Float>(count: w.productCount))
          withExtendedLifetime(source) { table.winograd_spread([w], source.constant, products.pointer) }
          return products.elements
        }
      }
    }
  }

  /// The share [first, first + count) of matrices of `size` elements, one matrix a tap or point.
  @Test(arguments: sides) func weightsAndTaps(_ m: Int) {
    var random = RandomStream(seed: 3, name: "winograd")
    for index in 0..<36 {
      let count = extent(index)
      let first = random.integer(in: 0...20)
      let size = first + count + random.integer(in: 0...5)
      for (name, transform) in [("weights", WinogradTransform.weights(m)), ("taps", .taps(m))] {
        let (from, to) = (transform.columns * transform.columns, transform.rows * transform.rows)
        let source = random.numbers(from * size)
        var expected = untouched(to * size)
        for element in first..<first + count {
          let values = transform.of { row, column in source[(row * transform.columns + column) * size + element] }
          for (point, value) in values.enumerated() { expected.set(point * size + element, value) }
        }
        check("\(name) m\(m) size\(size) first\(first) count\(count)", expected) { table in
          let (source, target) = (Guarded(source), Guarded<Float>(count: to * size))
          let kernel = name == "weights" ? table.winograd_weights : table.winograd_taps
          withExtendedLifetime(source) {
            kernel(Int32(m), source.constant, Int64(size), target.pointer, Int64(first), Int64(count))
          }
          return target.elements
        }
      }
    }
  }

  private enum Addend: CaseIterable { case none, other, inPlace }

  /// Tiles at the edge have fewer results; a band may be followed by results that are not its own.
  @Test(arguments: sides) func output(_ m: Int) {
    var random = RandomStream(seed: 4, name: "winograd")
    for (number, outputs) in counts.enumerated() {
      for (index, grid) in grids.enumerated() {
        for (missing, below) in [(0, 0), (1, 0), (m - 1, 0), (0, 3)] {
          var w = nk_winograd(m, channels: 1, outputs: outputs, grid: grid, relu: (number + missing) % 2 == 0)
          w.out_rows += Int64(below - missing)
          w.out_columns -= Int64(missing == 0 ? 0 : m - missing)
          checkOutput(w, grid, biased: (number + index) % 2 == 0, &random)
        }
      }
    }
  }

  private func checkOutput(_ w: nk_winograd, _ grid: (Int, Int), biased: Bool, _ random: inout RandomStream) {
    let (m, outputs) = (Int(w.m), w.results)
    let transform = WinogradTransform.output(m)
    let (product, bias) = (random.numbers(w.productCount), random.numbers(outputs))
    let addend = random.numbers(w.resultCount)
    for kind in Addend.allCases {
      var expected = untouched(w.resultCount)
      if kind == .inPlace { for index in addend.indices { expected.set(index, (Double(addend[index]), 0)) } }
      for tile in 0..<w.tiles {
        let (i, j) = (tile / grid.1 * m, tile % grid.1 * m)
        for c in 0..<outputs {
          let values = transform.of { row, column in
            product[(row * w.side + column) * w.product_plane + tile * outputs + c]
          }
          for (place, value) in values.enumerated() {
            let (row, column) = (i + place / m, j + place % m)
            guard row < Int(w.out_rows), column < Int(w.out_columns) else { continue }
            let at = row * w.y_row + column * w.y_pixel + c
            let more = (biased ? Double(bias[c]) : 0, kind == .none ? 0 : Double(addend[at]))
            let sum = value.value + more.0 + more.1
            expected.set(
              at, (w.relu == 1 ? max(sum, 0) : sum, value.bound + 2 * unit * (value.size + abs(more.0) + abs(more.1))))
          }
        }
      }
      check("output of \(w.text), \(w.out_rows)x\(w.out_columns), \(biased) \(kind) \(w.relu)", expected) { table in
        let (source, offsets, other) = (Guarded(product), Guarded(bias), Guarded(addend))
        let y = kind == .inPlace ? other : Guarded<Float>(count: w.resultCount)
        return withExtendedLifetime((source, offsets, other)) {
          table.winograd_output(
            [w], source.constant, biased ? offsets.constant : nil, kind == .none ? nil : other.constant, y.pointer)
          return y.elements
        }
      }
    }
  }
}

/// The two products at the points, with strides and planes of their own.
@Suite struct WinogradProductTests {
  @Test(arguments: sides) func multiply(_ m: Int) {
    var random = RandomStream(seed: 5, name: "winograd")
    for (index, channels) in counts.enumerated() {
      let outputs = counts[(index * 5 + 2) % counts.count]
      let tiles = 1 + index * 2
      var w = nk_winograd(m, channels: channels, outputs: outputs, grid: (1, tiles))
      w.panel = index % 2 == 0 ? 16 : 32
      let panel = Int(w.panel)
      let packed = outputs.roundedUp(toMultipleOf: panel) * channels
      w.weights_plane = packed + 3
      let (v, weights) = (random.numbers(w.inputCount), random.numbers((w.points - 1) * w.weights_plane + packed))
      var expected = untouched(w.productCount)
      for point in 0..<w.points {
        for tile in 0..<tiles {
          for j in 0..<outputs {
            let terms = (0..<channels).map { k in
              Double(v[point * w.input_plane + tile * channels + k])
                * Double(weights[point * w.weights_plane + j / panel * panel * channels + k * panel + j % panel])
            }
            expected.set(point * w.product_plane + tile * outputs + j, sum(terms))
          }
        }
      }
      check("multiply of \(w.text) panel\(panel)", expected) { table in
        let (a, b, product) = (Guarded(v), Guarded(weights), Guarded<Float>(count: w.productCount))
        withExtendedLifetime((a, b)) {
          table.winograd_multiply([w], a.constant, b.constant, product.pointer, Int64(tiles))
        }
        return product.elements
      }
    }
  }

  @Test(arguments: sides, [false, true]) func correlate(_ m: Int, accumulates: Bool) {
    var random = RandomStream(seed: 6, name: "winograd")
    for (index, channels) in counts.enumerated() {
      let outputs = counts[(index * 4 + 3) % counts.count]
      let tiles = 1 + index * 3
      let w = nk_winograd(m, channels: channels, outputs: outputs, grid: (1, tiles))
      let (v, products) = (random.numbers(w.inputCount), random.numbers(w.productCount))
      let start = random.numbers((w.points * channels - 1) * w.y_pixel + outputs)
      var expected = untouched(start.count)
      for (index, value) in start.enumerated() { expected.set(index, (Double(value), 0)) }
      for point in 0..<w.points {
        for c in 0..<channels {
          for j in 0..<outputs {
            let at = (point * channels + c) * w.y_pixel + j
            let terms = (0..<tiles).map { tile in
              Double(v[point * w.input_plane + tile * channels + c])
                * Double(products[point * w.product_plane + tile * outputs + j])
            }
            expected.set(at, sum((accumulates ? [Double(start[at])] : []) + terms))
          }
        }
      }
      check("correlate of \(w.text), \(tiles) tiles, \(accumulates)", expected) { table in
        let (a, b, sums) = (Guarded(v), Guarded(products), Guarded(start))
        withExtendedLifetime((a, b)) {
          table.winograd_correlate([w], a.constant, b.constant, sums.pointer, Int64(tiles), accumulates ? 1 : 0)
        }
        return sums.elements
      }
    }
  }

  /// A chain that rounds twice a term.
  private func sum(_ terms: [Double]) -> (value: Double, bound: Double) {
    (terms.reduce(0, +), Double(2 * terms.count) * unit * terms.reduce(0) { $0 + abs($1) })
  }
}

extension Expectation {
  fileprivate mutating func set(_ index: Int, _ expected: (value: Double, bound: Double)) {
    values[index] = expected.value
    bounds[index] = expected.bound
  }

  fileprivate mutating func set(_ index: Int, _ expected: WinogradTransform.Element) {
    set(index, (expected.value, expected.bound))
  }
}
