import NunchiKernels
import NunchiTensors
import Testing

/// One multiplication: its shape, its operands, and the answer.
private struct Problem: CustomStringConvertible {
  var rows, columns, depth, taps: Int
  var transposed: Bool
  var packed: Bool
  var panel: Int
  var accumulate, relu, biased: Bool
  var cRow: Int
  var aRow = 0
  var aDepth = 0
  var bRow = 0
  var bPanel = 0
  var aOffsets: [Int] = []
  var bOffsets: [Int] = []
  var a: [Float] = []
  var b: [Float] = []
  var c: [Float] = []
  var bias: [Float] = []

  var description: String {
    "gemm rows\(rows) columns\(columns) depth\(depth) taps\(taps) panel\(panel)\(transposed ? " transposed" : "")"
      + "\(packed ? " packed" : "")\(accumulate ? " accumulate" : "")\(relu ? " relu" : "")\(biased ? " bias" : "")"
  }

  init(rows: Int, columns: Int, depth: Int, taps: Int, _ random: inout RandomStream) {
    (self.rows, self.columns, self.depth, self.taps) = (rows, columns, depth, taps)
    transposed = random.flip(0.4)
    packed = random.flip(0.5)
    panel = random.flip(0.5) ? 16 : 32
    accumulate = random.flip(0.4)
    relu = random.flip(0.3)
    biased = random.flip(0.5)
    cRow = columns + random.integer(in: 0...3)
    aRow = transposed ? 1 : depth + random.integer(in: 0...5)
    aDepth = transposed ? rows + random.integer(in: 0...5) : 1
    bRow = packed ? panel : columns + random.integer(in: 0...5)
    bPanel = packed ? panel * depth * taps : panel
    for tap in 0..<taps {
      aOffsets.append(random.integer(in: 0...60))
      bOffsets.append(packed ? tap * depth * panel : random.integer(in: 0...60))
    }
    // The arrays end with the last element that the shape names.
    let aCount = depth == 0 ? 0 : aOffsets.max()! + (rows - 1) * aRow + (depth - 1) * aDepth + 1
    let panels = columns.dividedRoundingUp(by: panel)
    let bCount = depth == 0 ? 0 : packed ? panels * bPanel : bOffsets.max()! + (depth - 1) * bRow + columns
    a = random.numbers(aCount)
    b = random.numbers(bCount)
    c = random.numbers((rows - 1) * cRow + columns)
    bias = random.numbers(columns)
  }

  func aIndex(_ i: Int, _ tap: Int, _ k: Int) -> Int { aOffsets[tap] + i * aRow + k * aDepth }
  func bIndex(_ j: Int, _ tap: Int, _ k: Int) -> Int {
    bOffsets[tap] + j / panel * bPanel + k * bRow + j % panel
  }

  var expected: Expectation {
    var expected = Expectation()
    for index in c.indices {
      let (i, j) = (index / cRow, index % cRow)
      guard j < columns else {
        expected.append(Double(c[index]), within: 0)
        continue
      }
      var sum = accumulate ? Double(c[index]) : 0
      var size = abs(sum)
      for tap in 0..<taps {
        for k in 0..<depth {
          let product = Double(a[aIndex(i, tap, k)]) * Double(b[bIndex(j, tap, k)])
          sum += product
          size += abs(product)
        }
      }
      if biased { (sum, size) = (sum + Double(bias[j]), size + abs(Double(bias[j]))) }
      // Each of the products and additions of a chain rounds once.
      expected.append(relu ? max(sum, 0) : sum, within: Double(2 * taps * depth + 2) * unit * size)
    }
    return expected
  }

  /// The chain that the contract promises, rounding by rounding.
  func chain(_ i: Int, _ j: Int, fused: Bool) -> Float {
    var sum = accumulate ? c[i * cRow + j] : 0
    for tap in 0..<taps {
      for k in 0..<depth {
        let (x, y) = (a[aIndex(i, tap, k)], b[bIndex(j, tap, k)])
        sum = fused ? sum.addingProduct(x, y) : sum + x * y
      }
    }
    if biased { sum += bias[j] }
    return relu && sum < 0 ? 0 : sum
  }

  func run(_ table: nk_table) -> [Float] {
    let (a, b, c, bias) = (Guarded(a), Guarded(b), Guarded(c), Guarded(bias))
    let (aOffsets, bOffsets) = (Guarded(aOffsets), Guarded(bOffsets))
    var gemm = nk_gemm(
      a: a.constant, a_offsets: aOffsets.constant, a_row: aRow, a_depth: aDepth, b: b.constant,
      b_offsets: bOffsets.constant, b_row: bRow, b_panel: bPanel, c: c.pointer, start: accumulate ? c.constant : nil,
      c_row: cRow, bias: biased ? bias.constant : nil, rows: Int64(rows), columns: Int64(columns), depth: Int64(depth),
      taps: Int64(taps), panel: Int32(panel), relu: relu ? 1 : 0)
    return withExtendedLifetime((a, b, bias, aOffsets, bOffsets)) {
      table.gemm(&gemm)
      return c.elements
    }
  }
}

@Suite struct GemmTests {
  @Test func matchesThePlainLoop() {
    var random = RandomStream(seed: 1, name: "gemm")
    for _ in 0..<200 {
      let problem = Problem(
        rows: random.integer(in: 1...40), columns: random.integer(in: 1...70), depth: random.integer(in: 0...30),
        taps: random.integer(in: 1...5), &random)
      check("\(problem)", problem.expected) { problem.run($0) }
    }
  }

  @Test func everyTileHeightAndTail() {
    var random = RandomStream(seed: 2, name: "gemm")
    for rows in 1...30 {
      let problem = Problem(rows: rows, columns: 33 - rows, depth: 1 + rows % 5, taps: 1, &random)
      check("\(problem)", problem.expected) { problem.run($0) }
    }
    for columns in 1...70 {
      let problem = Problem(rows: 3, columns: columns, depth: 4, taps: 2, &random)
      check("\(problem)", problem.expected) { problem.run($0) }
    }
  }

  @Test func deepSums() {
    var random = RandomStream(seed: 3, name: "gemm")
    for (depth, taps) in [(3000, 1), (700, 9)] {
      for _ in 0..<4 {
        let problem = Problem(rows: 5, columns: 35, depth: depth, taps: taps, &random)
        check("\(problem)", problem.expected) { problem.run($0) }
      }
    }
  }

  /// Many rows, few columns, and more of A than a cache holds: the tiles then come in another order.
  @Test func tallProducts() {
    var random = RandomStream(seed: 7, name: "gemm")
    for columns in [3, 20, 40] {
      let problem = Problem(rows: 500, columns: columns, depth: 300, taps: 1, &random)
      check("\(problem)", problem.expected) { problem.run($0) }
    }
  }

  @Test func everyElementIsOneChain() {
    var random = RandomStream(seed: 4, name: "gemm")
    for depth in [1, 7, 50, 2500] {
      let problem = Problem(rows: 17, columns: 19, depth: depth, taps: 2, &random)
      for table in tables {
        let c = problem.run(table)
        for i in stride(from: 0, to: 17, by: 4) {
          for j in stride(from: 0, to: 19, by: 3) {
            let chain = problem.chain(i, j, fused: table.fused_multiply_add == 1)
            #expect(c[i * problem.cRow + j] == chain, "\(problem) at (\(i), \(j))")
          }
        }
      }
    }
  }

  @Test func nothingHappensWithoutRowsOrColumns() {
    var random = RandomStream(seed: 5, name: "gemm")
    var problem = Problem(rows: 2, columns: 2, depth: 1, taps: 1, &random)
    for (rows, columns) in [(0, 2), (2, 0), (0, 0)] {
      (problem.rows, problem.columns) = (rows, columns)
      for table in tables { #expect(problem.run(table) == problem.c) }
    }
  }

  @Test func packsPanels() {
    var random = RandomStream(seed: 6, name: "pack")
    for index in 0..<60 {
      let (depth, columns, panel) = (1 + extent(index) % 40, random.integer(in: 1...70), index % 2 == 0 ? 16 : 32)
      let spare = random.integer(in: 0...3)
      let (row, column) = [(columns + spare, 1), (1, depth + spare), (2, 2 * depth + spare)][index % 3]
      let source = random.numbers((depth - 1) * row + (columns - 1) * column + 1)
      let panels = columns.dividedRoundingUp(by: panel)
      var expected = Expectation()
      for index in 0..<panels * panel * depth {
        let (j, k) = (index / (panel * depth) * panel + index % panel, index / panel % depth)
        expected.append(j < columns ? Double(source[k * row + j * column]) : 0, within: 0)
      }
      check("pack depth\(depth) columns\(columns) panel\(panel) strides \(row) \(column)", expected) { table in
        let (b, out) = (Guarded(source), Guarded<Float>(count: panels * panel * depth))
        withExtendedLifetime(b) {
          table.pack(b.constant, row, column, Int64(depth), Int64(columns), Int32(panel), out.pointer)
        }
        return out.elements
      }
    }
  }
}
