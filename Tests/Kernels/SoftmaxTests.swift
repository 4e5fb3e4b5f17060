import Foundation
import NunchiKernels
import NunchiTensors
import Testing

private func logSoftmax(_ row: ArraySlice<Float>) -> [Double] {
  let largest = Double(row.max()!)
  let sum = row.reduce(0) { $0 + exp(Double($1) - largest) }
  return row.map { Double($0) - largest - log(sum) }
}

@Suite struct SoftmaxTests {
  /// Logits of every size: what is far below the largest underflows to zero.
  private func logits(_ index: Int, _ count: Int, _ random: inout RandomStream) -> [Float] {
    let size: Float = [1, 30, 1e4][index % 3]
    return random.numbers(count, -size...size)
  }

  @Test(arguments: [false, true]) func probabilities(logarithm: Bool) {
    var random = RandomStream(seed: 16, name: "softmax")
    for index in 0..<60 {
      let (rows, columns) = (random.integer(in: 1...4), 1 + index % 40)
      let x = logits(index, rows * columns, &random)
      var expected = Expectation()
      for r in 0..<rows {
        let row = x[r * columns..<(r + 1) * columns]
        for (x, value) in zip(row, logSoftmax(row)) {
          // The difference to the maximum rounds once, relative to itself; that error enters the exponential.
          let difference = abs(Double(x) - Double(row.max()!)) * unit
          if logarithm {
            expected.append(value, within: difference + (Double(columns) + 10) * unit + abs(value) * 2 * unit)
          } else {
            let share = difference + (Double(columns) + 14) * unit
            expected.append(exp(value), within: share * exp(value) + exp(value).floatUlp)
          }
        }
      }
      check("softmax rows\(rows) columns\(columns) \(logarithm)", expected) { table in
        let (source, y) = (Guarded(x), Guarded<Float>(count: x.count))
        withExtendedLifetime(source) {
          table.softmax(source.constant, y.pointer, Int64(rows), Int64(columns), logarithm ? 1 : 0)
        }
        return y.elements
      }
    }
  }

  @Test(arguments: [false, true]) func gradient(logarithm: Bool) {
    var random = RandomStream(seed: 17, name: "softmax gradient")
    for index in 0..<50 {
      let (rows, columns) = (random.integer(in: 1...4), 1 + index % 40)
      let x = random.numbers(rows * columns)
      let dy = random.numbers(x.count)
      var y: [Float] = []
      for r in 0..<rows {
        y += logSoftmax(x[r * columns..<(r + 1) * columns]).map { Float(logarithm ? $0 : exp($0)) }
      }
      var expected = Expectation()
      for index in x.indices {
        let places = index / columns * columns..<(index / columns + 1) * columns
        let terms = places.map { Double(dy[$0]) * (logarithm ? 1 : Double(y[$0])) }
        let (sum, size) = (terms.reduce(0, +), terms.reduce(0) { $0 + abs($1) } + abs(Double(dy[index])))
        let share = logarithm ? exp(Double(y[index])) : Double(y[index])
        let value = logarithm ? Double(dy[index]) - share * sum : share * (Double(dy[index]) - sum)
        expected.append(value, within: Double(columns + 16) * unit * size)
      }
      check("softmax gradient rows\(rows) columns\(columns) \(logarithm)", expected) { table in
        let (g, p, dx) = (Guarded(dy), Guarded(y), Guarded<Float>(count: x.count))
        withExtendedLifetime((g, p)) {
          table.softmax_gradient(
            g.constant, p.constant, dx.pointer, Int64(rows), Int64(columns), logarithm ? 1 : 0)
        }
        return dx.elements
      }
    }
  }

  /// One case of cross-entropy: sparse or dense targets, with and without weights and smoothing.
  private struct Loss {
    var rows, columns: Int
    var x: [Float]
    var index: [Int32]
    var dense: [Float]?
    var weight: [Float]?
    var smoothing: Float
    var ignored: Int32

    init(_ number: Int, logits: [Float], rows: Int, columns: Int, _ random: inout RandomStream) {
      (self.rows, self.columns, x) = (rows, columns, logits)
      index = (0..<rows).map { _ in Int32(random.integer(below: columns)) }
      dense = number % 2 == 0 ? nil : random.numbers(rows * columns, 0...1)
      weight = number % 3 == 0 ? random.numbers(columns, 0.5...2) : nil
      smoothing = number % 5 < 2 ? 0.1 : 0
      ignored = number % 4 == 1 ? index[0] : Int32(NK_NONE)
    }

    func target(_ r: Int, _ c: Int) -> Double {
      if dense == nil, index[r] == ignored { return 0 }
      let t = dense.map { Double($0[r * columns + c]) } ?? (Int(index[r]) == c ? 1 : 0)
      let smoothed = (1 - Double(smoothing)) * t + Double(smoothing) / Double(columns)
      return smoothed * Double(weight?[c] ?? 1)
    }

    /// Calls with whichever of index and dense is given, and the weights where there are any.
    func call(_ body: (UnsafePointer<Int32>?, UnsafePointer<Float>?, UnsafePointer<Float>?) -> Void) {
      let (i, d, w) = (Guarded(index), Guarded(dense ?? []), Guarded(weight ?? []))
      withExtendedLifetime((i, d, w)) {
        body(dense == nil ? i.constant : nil, dense == nil ? nil : d.constant, weight == nil ? nil : w.constant)
      }
    }
  }

  @Test func crossEntropy() {
    var random = RandomStream(seed: 18, name: "cross-entropy")
    for number in 0..<90 {
      let (rows, columns) = (random.integer(in: 1...4), 1 + number % 37)
      let x = logits(number / 30, rows * columns, &random)
      let loss = Loss(number, logits: x, rows: rows, columns: columns, &random)
      var (losses, probabilities) = (Expectation(), Expectation())
      for r in 0..<rows {
        let row = x[r * columns..<(r + 1) * columns]
        let logs = logSoftmax(row)
        var (value, size) = (0.0, 0.0)
        for (c, log) in logs.enumerated() {
          value -= loss.target(r, c) * log
          size += loss.target(r, c) * (abs(log) + Foundation.log(Double(columns)) + 1)
          let share = abs(Double(row[r * columns + c]) - Double(row.max()!)) * unit + Double(columns + 14) * unit
          probabilities.append(exp(log), within: share * exp(log) + exp(log).floatUlp)
        }
        losses.append(value, within: Double(2 * columns + 16) * unit * size)
      }
      losses.values += probabilities.values
      losses.bounds += probabilities.bounds
      check("cross-entropy \(number) rows\(rows) columns\(columns)", losses) { table in
        let (source, l, p) = (Guarded(x), Guarded<Float>(count: rows), Guarded<Float>(count: x.count))
        loss.call { index, dense, weight in
          table.cross_entropy(
            source.constant, index, dense, weight, loss.smoothing, loss.ignored, l.pointer, p.pointer, Int64(rows),
            Int64(columns))
        }
        return withExtendedLifetime(source) { l.elements + p.elements }
      }
    }
  }

  @Test func crossEntropyGradient() {
    var random = RandomStream(seed: 19, name: "cross-entropy gradient")
    for number in 0..<60 {
      let (rows, columns) = (random.integer(in: 1...4), 1 + number % 37)
      let p = random.numbers(rows * columns, 0...1)
      let dloss = random.numbers(rows)
      let loss = Loss(number, logits: p, rows: rows, columns: columns, &random)
      var expected = Expectation()
      for r in 0..<rows {
        let sum = (0..<columns).reduce(0) { $0 + loss.target(r, $1) }
        for c in 0..<columns {
          let share = Double(p[r * columns + c]) * sum
          expected.append(
            Double(dloss[r]) * (share - loss.target(r, c)),
            within: Double(columns + 10) * unit * abs(Double(dloss[r])) * (share + loss.target(r, c)))
        }
      }
      check("cross-entropy gradient \(number) rows\(rows) columns\(columns)", expected) { table in
        let (g, y, dx) = (Guarded(dloss), Guarded(p), Guarded<Float>(count: p.count))
        loss.call { index, dense, weight in
          table.cross_entropy_gradient(
            g.constant, y.constant, index, dense, weight, loss.smoothing, loss.ignored, dx.pointer, Int64(rows),
            Int64(columns))
        }
        return withExtendedLifetime((g, y)) { dx.elements }
      }
    }
  }

  @Test func anImpossibleClassThatIsNotTheTargetCostsNothing() {
    for table in tables {
      let (x, index) = (Guarded<Float>([0, -.infinity, 0]), Guarded<Int32>([0]))
      let (loss, p) = (Guarded<Float>(count: 1), Guarded<Float>(count: 3))
      withExtendedLifetime((x, index)) {
        table.cross_entropy(x.constant, index.constant, nil, nil, 0, Int32(NK_NONE), loss.pointer, p.pointer, 1, 3)
      }
      #expect(abs(Double(loss.elements[0]) - log(2)) < 4 * unit)
      #expect(p.elements == [0.5, 0, 0.5])
    }
  }
}
