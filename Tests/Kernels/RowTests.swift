import Foundation
import NunchiKernels
import NunchiTensors
import Testing

/// Sums over taps, statistics of rows, and order.
@Suite struct RowTests {
  /// One axis of a blend: for each output some taps, perhaps none.
  private struct Axis {
    var starts: [Int64] = [0]
    var places: [Int] = []
    var weights: [Float] = []

    init(_ outputs: Int, inputs: Int, stride: Int, _ random: inout RandomStream) {
      for _ in 0..<outputs {
        for _ in 0..<random.integer(in: 0...4) {
          places.append(random.integer(below: inputs) * stride)
          weights.append(random.uniform(-1...1))
        }
        starts.append(Int64(places.count))
      }
    }

    func taps(_ output: Int) -> Range<Int> { Int(starts[output])..<Int(starts[output + 1]) }
  }

  @Test func blend() {
    var random = RandomStream(seed: 31, name: "blend")
    for number in 0..<72 {
      let (channels, pixels) = (max(1, extent(number)), random.integer(in: 1...6))
      let (height, width) = (random.integer(in: 1...5), random.integer(in: 1...5))
      let x = random.numbers(height * width * channels)
      let rows = Axis(1, inputs: height, stride: width * channels, &random)
      let columns = Axis(pixels, inputs: width, stride: channels, &random)
      var expected = Expectation()
      for p in 0..<pixels {
        for c in 0..<channels {
          var (value, size) = (0.0, 0.0)
          for r in rows.taps(0) {
            for t in columns.taps(p) {
              let term =
                Double(rows.weights[r]) * Double(columns.weights[t])
                * Double(x[rows.places[r] + columns.places[t] + c])
              value += term
              size += abs(term)
            }
          }
          expected.append(value, within: 24 * unit * size)
        }
      }
      check("blend \(number) channels\(channels) pixels\(pixels)", expected) { table in
        let (source, y) = (Guarded(x), Guarded<Float>(count: pixels * channels))
        let (places, shares) = (Guarded(rows.places), Guarded(rows.weights))
        let (starts, offsets, weights) = (Guarded(columns.starts), Guarded(columns.places), Guarded(columns.weights))
        var blend = nk_blend(
          x: source.constant, row_offsets: places.constant, row_weights: shares.constant, starts: starts.constant,
          offsets: offsets.constant, weights: weights.constant, y: y.pointer, row_taps: Int64(rows.places.count),
          pixels: Int64(pixels), channels: Int64(channels))
        withExtendedLifetime((source, places, shares, starts, offsets, weights)) { table.blend(&blend) }
        return y.elements
      }
    }
  }

  /// Rows of groups: width, and pixels whose other groups lie between.
  @Test func standardize() {
    var random = RandomStream(seed: 32, name: "standardize")
    for number in 0..<54 {
      let (width, pixels, groups) = (max(1, extent(number)), random.integer(in: 1...5), random.integer(in: 1...3))
      let pixel = groups * width
      let x = random.numbers(pixels * pixel, -3...4)
      let dy = random.numbers(x.count)
      let epsilon: Float = 0.125
      let count = Double(pixels * width)
      var (values, slopes) = (Expectation(), Expectation())
      var deviations = [Double](repeating: 0, count: groups)
      var y = [Double](repeating: 0, count: x.count)
      for g in 0..<groups {
        let places = (0..<pixels).flatMap { p in (0..<width).map { p * pixel + g * width + $0 } }
        let mean = places.reduce(0) { $0 + Double(x[$1]) } / count
        let variance = places.reduce(0) { $0 + pow(Double(x[$1]) - mean, 2) } / count
        deviations[g] = 1 / (variance + Double(epsilon)).squareRoot()
        for i in places { y[i] = (Double(x[i]) - mean) * deviations[g] }
      }
      let saved = y.map { Float($0) }
      let rstd = deviations.map { Float($0) }
      for i in x.indices {
        values.append(y[i], within: (count + 32) * unit * 4 * deviations[i % pixel / width])
      }
      for g in 0..<groups { values.append(deviations[g], within: (2 * count + 32) * unit * deviations[g]) }
      var gradient = [Double](repeating: 0, count: x.count)
      for g in 0..<groups {
        let places = (0..<pixels).flatMap { p in (0..<width).map { p * pixel + g * width + $0 } }
        let mean = places.reduce(0) { $0 + Double(dy[$1]) } / count
        let product = places.reduce(0) { $0 + Double(dy[$1]) * Double(saved[$1]) } / count
        for i in places { gradient[i] = Double(rstd[g]) * (Double(dy[i]) - mean - Double(saved[i]) * product) }
      }
      for i in x.indices {
        let size = Double(rstd[i % pixel / width]) * (4 + 2 * abs(Double(saved[i])) * 3)
        slopes.append(gradient[i], within: (count + 16) * unit * size)
      }
      let what = "\(number) width\(width) pixels\(pixels) groups\(groups)"
      check("standardize \(what)", values) { table in
        let (source, y, r) = (Guarded(x), Guarded<Float>(count: x.count), Guarded<Float>(count: groups))
        withExtendedLifetime(source) {
          table.standardize(
            source.constant, Int64(pixels), pixel, Int64(groups), Int64(width), epsilon, y.pointer, r.pointer)
        }
        return y.elements + r.elements
      }
      check("gradient of standardize \(what)", slopes) { table in
        let (g, y, r, dx) = (Guarded(dy), Guarded(saved), Guarded(rstd), Guarded<Float>(count: x.count))
        withExtendedLifetime((g, y, r)) {
          table.standardize_gradient(
            g.constant, y.constant, r.constant, Int64(pixels), pixel, Int64(groups), Int64(width), dx.pointer)
        }
        return dx.elements
      }
    }
  }

  @Test func response() {
    var random = RandomStream(seed: 33, name: "response")
    for number in 0..<54 {
      let (channels, rows) = (max(1, extent(number)), random.integer(in: 1...3))
      var k = nk_response(
        before: Int64(number % 4), after: Int64(number % 3), scale: random.uniform(0...0.5), beta: 0.75, bias: 1.5)
      let (x, dy) = (random.numbers(rows * channels), random.numbers(rows * channels))
      func near(_ i: Int, _ before: Int64, _ after: Int64) -> ClosedRange<Int> {
        let first = i / channels * channels
        return max(first, i - Int(before))...min(first + channels - 1, i + Int(after))
      }
      let d = x.indices.map { i in
        1.5 + Double(k.scale) * near(i, k.before, k.after).reduce(0) { $0 + Double(x[$1]) * Double(x[$1]) }
      }
      let y = x.indices.map { Double(x[$0]) * pow(d[$0], -0.75) }
      var (values, slopes) = (Expectation(), Expectation())
      for i in x.indices { values.append(y[i], within: 48 * unit * abs(y[i])) }
      for i in x.indices { values.append(d[i], within: 16 * unit * d[i]) }
      let (savedY, savedD) = (y.map { Float($0) }, d.map { Float($0) })
      for i in x.indices {
        let terms = near(i, k.after, k.before).map { Double(dy[$0]) * Double(savedY[$0]) / Double(savedD[$0]) }
        let own = Double(dy[i]) * pow(Double(savedD[i]), -0.75)
        let factor = 1.5 * Double(k.scale) * Double(x[i])
        slopes.append(
          own - factor * terms.reduce(0, +),
          within: 48 * unit * (abs(own) + abs(factor) * terms.reduce(0) { $0 + abs($1) }))
      }
      check("response \(number) channels\(channels)", values) { table in
        let (source, y, d) = (Guarded(x), Guarded<Float>(count: x.count), Guarded<Float>(count: x.count))
        withExtendedLifetime(source) {
          table.response(&k, source.constant, y.pointer, d.pointer, Int64(rows), Int64(channels))
        }
        return y.elements + d.elements
      }
      check("gradient of response \(number) channels\(channels)", slopes) { table in
        let (g, source, y, d) = (Guarded(dy), Guarded(x), Guarded(savedY), Guarded(savedD))
        let dx = Guarded<Float>(count: x.count)
        withExtendedLifetime((g, source, y, d)) {
          table.response_gradient(
            &k, g.constant, source.constant, y.constant, d.constant, dx.pointer, Int64(rows), Int64(channels))
        }
        return dx.elements
      }
    }
  }

  /// Few values, so that many are equal; NaN and infinities among them.
  @Test func sortRows() {
    var random = RandomStream(seed: 34, name: "sort")
    for number in 0..<72 {
      let (columns, rows) = (max(1, extent(number)), random.integer(in: 1...3))
      let kept = random.integer(in: 1...columns)
      let descending = number % 2 == 1
      let x = (0..<rows * columns).map { _ -> Float in
        switch random.integer(below: 12) {
        case 0: .nan
        case 1: -.infinity
        case let level: Float(level % 7) - 3
        }
      }
      // NaN is the largest.
      func key(_ value: Float) -> Double { value.isNaN ? .infinity : Double(value) }
      var expected: [(value: Float, column: Int32)] = []
      for row in 0..<rows {
        let all = (0..<columns).map { (value: x[row * columns + $0], column: Int32($0)) }
        let sorted = all.sorted { a, b in
          if key(a.value) == key(b.value) { return a.column < b.column }
          return descending ? key(a.value) > key(b.value) : key(a.value) < key(b.value)
        }
        expected += sorted.prefix(kept)
      }
      for table in tables {
        let (source, values) = (Guarded(x), Guarded<Float>(count: rows * kept))
        let (places, scratch) = (Guarded<Int32>(count: rows * kept), Guarded<Int32>(count: 2 * columns))
        withExtendedLifetime(source) {
          table.sort_rows(
            source.constant, Int64(rows), Int64(columns), Int64(kept), descending ? 1 : 0, values.pointer,
            places.pointer, scratch.pointer)
        }
        #expect(places.elements == expected.map(\.column), "\(number) columns\(columns) kept\(kept)")
        #expect(firstDifference(values.elements, expected.map(\.value)) == nil)
        _ = scratch.elements
      }
    }
  }
}
