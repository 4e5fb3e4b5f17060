import NunchiKernels
import NunchiTensors
import Testing

@Suite struct ReductionTests {
  @Test func sumsMeansAndMaxima() {
    var random = RandomStream(seed: 12, name: "reduce")
    for index in 0..<150 {
      let kind = [NK_SUM, NK_MEAN, NK_MAXIMUM][index % 3]
      let (outer, middle) = (random.integer(in: 1...3), random.integer(in: 1...70))
      let inner = index % 2 == 0 ? 1 : max(1, extent(index / 2))
      let x = random.numbers(outer * middle * inner)
      var expected = Expectation()
      for o in 0..<outer {
        for i in 0..<inner {
          let column = (0..<middle).map { Double(x[(o * middle + $0) * inner + i]) }
          let (sum, size) = (column.reduce(0, +), column.reduce(0) { $0 + abs($1) })
          let divisor = kind == NK_MEAN ? Double(middle) : 1
          if kind == NK_MAXIMUM {
            expected.append(column.max()!, within: 0)
          } else {
            expected.append(sum / divisor, within: Double(middle + 1) * unit * size / divisor)
          }
        }
      }
      check("reduce \(kind.rawValue) outer\(outer) middle\(middle) inner\(inner)", expected) { table in
        let (source, y) = (Guarded(x), Guarded<Float>(count: outer * inner))
        withExtendedLifetime(source) {
          table.reduce(kind, source.constant, Int64(outer), Int64(middle), Int64(inner), y.pointer)
        }
        return y.elements
      }
    }
  }

  /// The order of contiguous sums: element i in lane i % 16, then 8 + 8, 4 + 4, 2 + 2, 1 + 1.
  @Test func contiguousSumsRunOverSixteenLanes() {
    var random = RandomStream(seed: 13, name: "lanes")
    for count in [0, 1, 5, 16, 17, 100, 1000] {
      let x = random.numbers(count, -1000...1000)
      var lanes = [Float](repeating: 0, count: 16)
      for (index, value) in x.enumerated() { lanes[index % 16] += value }
      for half in [8, 4, 2, 1] { for i in 0..<half { lanes[i] += lanes[i + half] } }
      var expected = Expectation()
      expected.append(Double(lanes[0]), within: 0)
      check("sum of \(count)", expected) { table in
        let (source, y) = (Guarded(x), Guarded<Float>(count: 1))
        withExtendedLifetime(source) { table.reduce(NK_SUM, source.constant, 1, Int64(count), 1, y.pointer) }
        return y.elements
      }
    }
  }

  @Test func notANumberWinsTheMaximum() {
    for inner in [1, 3] {
      for place in [0, 4, 20] {
        var x = [Float](repeating: 1, count: 21 * inner)
        x[place * inner] = .nan
        for table in tables {
          let (source, y) = (Guarded(x), Guarded<Float>(count: inner))
          withExtendedLifetime(source) { table.reduce(NK_MAXIMUM, source.constant, 1, 21, Int64(inner), y.pointer) }
          #expect(y.elements[0].isNaN)
          if inner > 1 { #expect(y.elements[1] == 1) }
        }
      }
    }
  }

  @Test func theMaximumSharesItsGradient() {
    var random = RandomStream(seed: 14, name: "maximum")
    for index in 0..<60 {
      let (outer, middle) = (random.integer(in: 1...3), random.integer(in: 1...40))
      let inner = index % 2 == 0 ? 1 : max(1, extent(index / 2))
      // Few different numbers, so that there are ties.
      let x = (0..<outer * middle * inner).map { _ in Float(random.integer(below: 5)) - 2 }
      let dy = random.numbers(outer * inner)
      var y: [Float] = []
      var expected = Expectation(
        values: [Double](repeating: 0, count: x.count), bounds: [Double](repeating: 0, count: x.count))
      for o in 0..<outer {
        for i in 0..<inner {
          let places = (0..<middle).map { (o * middle + $0) * inner + i }
          let largest = places.map { x[$0] }.max()!
          let tied = places.filter { x[$0] == largest }
          y.append(largest)
          for place in tied {
            expected.values[place] = Double(dy[o * inner + i]) / Double(tied.count)
            expected.bounds[place] = unit * abs(expected.values[place])
          }
        }
      }
      check("gradient of maximum outer\(outer) middle\(middle) inner\(inner)", expected) { table in
        let (g, source, largest, dx) = (Guarded(dy), Guarded(x), Guarded(y), Guarded<Float>(count: x.count))
        withExtendedLifetime((g, source, largest)) {
          table.maximum_gradient(
            g.constant, source.constant, largest.constant, Int64(outer), Int64(middle), Int64(inner), dx.pointer)
        }
        return dx.elements
      }
    }
  }

  @Test func sumsSquaresAndFindsWhatIsNotFinite() {
    var random = RandomStream(seed: 15, name: "squares")
    for count in Array(0...33) + [1000] {
      let x = random.numbers(count)
      var expected = Expectation()
      let sum = x.reduce(0) { $0 + Double($1) * Double($1) }
      expected.append(sum, within: Double(count + 1) * unit * sum)
      check("squares of \(count)", expected) { table in
        let source = Guarded(x)
        return withExtendedLifetime(source) { [table.sum_squares(source.constant, Int64(count))] }
      }
      for table in tables {
        let source = Guarded(x)
        #expect(table.all_finite(source.constant, Int64(count)) == 1)
        for place in Set([0, count / 2, count - 1]) where count > 0 {
          for bad: Float in [.nan, .infinity, -.infinity] {
            source.pointer[place] = bad
            #expect(table.all_finite(source.constant, Int64(count)) == 0, "\(bad) at \(place) of \(count)")
          }
          source.pointer[place] = .greatestFiniteMagnitude
        }
        withExtendedLifetime(source) {}
      }
    }
  }
}
