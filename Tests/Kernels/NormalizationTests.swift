import NunchiKernels
import NunchiTensors
import Testing

@Suite struct NormalizationTests {
  @Test func moments() {
    var random = RandomStream(seed: 20, name: "moments")
    for index in 0..<54 {
      let (rows, columns) = (random.integer(in: 1...60), max(1, extent(index)))
      let x = random.numbers(rows * columns, 5...7)
      var (means, squares) = (Expectation(), Expectation())
      for c in 0..<columns {
        let column = (0..<rows).map { Double(x[$0 * columns + c]) }
        let mean = column.reduce(0, +) / Double(rows)
        let meanError = Double(rows + 2) * unit * 7
        let m2 = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        means.append(mean, within: meanError)
        // Moving the centre by e adds rows * e^2; each difference rounds relative to itself.
        squares.append(m2, within: Double(rows + 6) * unit * m2 + Double(rows) * meanError * meanError)
      }
      means.values += squares.values
      means.bounds += squares.bounds
      check("moments rows\(rows) columns\(columns)", means) { table in
        let (source, mean, m2) = (Guarded(x), Guarded<Float>(count: columns), Guarded<Float>(count: columns))
        withExtendedLifetime(source) {
          table.moments(source.constant, Int64(rows), Int64(columns), mean.pointer, m2.pointer)
        }
        return mean.elements + m2.elements
      }
    }
  }

  @Test(arguments: [false, true]) func affine(relu: Bool) {
    var random = RandomStream(seed: 21, name: "affine")
    for index in 0..<60 {
      let (rows, columns) = (random.integer(in: 1...50), max(1, extent(index)))
      let (x, scale, shift) = (random.numbers(rows * columns), random.numbers(columns), random.numbers(columns))
      var expected = Expectation()
      for (index, x) in x.enumerated() {
        let (product, shift) = (Double(x) * Double(scale[index % columns]), Double(shift[index % columns]))
        let value = product + shift
        expected.append(relu ? max(value, 0) : value, within: 2 * unit * (abs(product) + abs(shift)))
      }
      check("affine rows\(rows) columns\(columns) \(relu)", expected) { table in
        let (source, a, b, y) = (Guarded(x), Guarded(scale), Guarded(shift), Guarded<Float>(count: x.count))
        withExtendedLifetime((source, a, b)) {
          table.affine(
            source.constant, a.constant, b.constant, relu ? 1 : 0, y.pointer, Int64(rows), Int64(columns))
        }
        return y.elements
      }
    }
  }

  /// Either side plain or normalised, with and without ReLUs.
  @Test(arguments: 0..<8) func normalizedSum(_ kind: Int) {
    var random = RandomStream(seed: 25, name: "normalized sum")
    let (affine, activated, relu) = ([kind & 1 == 1, kind & 2 == 2], [true, false], kind & 4 == 4)
    for index in 0..<36 {
      let (rows, columns) = (random.integer(in: 1...30), max(1, extent(index)))
      let x = [random.numbers(rows * columns), random.numbers(rows * columns)]
      let (scale, shift) = (random.numbers(columns), random.numbers(columns))
      var expected = Expectation()
      for index in x[0].indices {
        var (sum, size) = (0.0, 0.0)
        for side in 0..<2 {
          var value = Double(x[side][index])
          if affine[side] {
            let (product, offset) = (value * Double(scale[index % columns]), Double(shift[index % columns]))
            value = product + offset
            size += abs(product) + abs(offset)
            if activated[side] { value = max(value, 0) }
          }
          (sum, size) = (sum + value, size + abs(value))
        }
        expected.append(relu ? max(sum, 0) : sum, within: 3 * unit * size)
      }
      check("normalized sum rows\(rows) columns\(columns) \(kind)", expected) { table in
        let (a, b, factor, offset) = (Guarded(x[0]), Guarded(x[1]), Guarded(scale), Guarded(shift))
        let y = Guarded<Float>(count: rows * columns)
        withExtendedLifetime((a, b, factor, offset)) {
          func side(_ x: Guarded<Float>, _ number: Int) -> nk_addend {
            nk_addend(
              x: x.constant, scale: affine[number] ? factor.constant : nil,
              shift: affine[number] ? offset.constant : nil, relu: activated[number] ? 1 : 0)
          }
          var (left, right) = (side(a, 0), side(b, 1))
          table.normalized_sum(&left, &right, relu ? 1 : 0, y.pointer, Int64(rows), Int64(columns))
        }
        return y.elements
      }
    }
  }

  @Test(arguments: 0..<4) func gatedSum(_ kind: Int) {
    var random = RandomStream(seed: 26, name: "gated sum")
    let (adds, gates) = (kind & 1 == 1, kind & 2 == 2)
    for index in 0..<18 {
      let count = extent(index)
      let (a, b, y) = (random.numbers(count), random.numbers(count), random.numbers(count))
      var expected = Expectation()
      for index in a.indices {
        let sum = Double(a[index]) + (adds ? Double(b[index]) : 0)
        expected.append(gates && y[index] <= 0 ? 0 : sum, within: unit * abs(sum))
      }
      check("gated sum count\(count) \(kind)", expected) { table in
        let (left, right, gate, dx) = (Guarded(a), Guarded(b), Guarded(y), Guarded<Float>(count: count))
        withExtendedLifetime((left, right, gate)) {
          table.gated_sum(
            left.constant, adds ? right.constant : nil, gates ? gate.constant : nil, dx.pointer, Int64(count))
        }
        return dx.elements
      }
    }
  }

  /// Whether a ReLU behind x · scale + shift lets a gradient through.
  private func passes(_ x: Float, _ scale: Float, _ shift: Float) -> Bool {
    Double(x) * Double(scale) + Double(shift) > 0
  }

  @Test(arguments: [false, true]) func batchNormSums(gated: Bool) {
    var random = RandomStream(seed: 22, name: "batch norm")
    for index in 0..<54 {
      let (rows, columns) = (random.integer(in: 1...60), max(1, extent(index)))
      let (dy, x) = (random.numbers(rows * columns), random.numbers(rows * columns))
      let (mean, rstd) = (random.numbers(columns), random.numbers(columns, 0.5...3))
      let (scale, shift) = (random.numbers(columns), random.numbers(columns))
      var (sums, products) = (Expectation(), Expectation())
      for c in 0..<columns {
        var (sum, size, product, productSize) = (0.0, 0.0, 0.0, 0.0)
        for index in stride(from: c, to: x.count, by: columns)
        where !gated || passes(x[index], scale[c], shift[c]) {
          let term = Double(dy[index]) * (Double(x[index]) - Double(mean[c])) * Double(rstd[c])
          (sum, size) = (sum + Double(dy[index]), size + abs(Double(dy[index])))
          (product, productSize) = (product + term, productSize + abs(term))
        }
        sums.append(sum, within: Double(rows) * unit * size)
        products.append(product, within: Double(rows + 4) * unit * productSize)
      }
      sums.values += products.values
      sums.bounds += products.bounds
      check("batch norm sums rows\(rows) columns\(columns) \(gated)", sums) { table in
        let (g, source, factor, offset) = (Guarded(dy), Guarded(x), Guarded(scale), Guarded(shift))
        let (m, s) = (Guarded(mean), Guarded(rstd))
        let (first, second) = (Guarded<Float>(count: columns), Guarded<Float>(count: columns))
        withExtendedLifetime((g, source, factor, offset, m, s)) {
          table.batch_norm_sums(
            g.constant, source.constant, gated ? factor.constant : nil, gated ? offset.constant : nil, m.constant,
            s.constant, Int64(rows), Int64(columns), first.pointer, second.pointer)
        }
        return first.elements + second.elements
      }
    }
  }

  @Test(arguments: [false, true]) func batchNormGradient(gated: Bool) {
    var random = RandomStream(seed: 23, name: "batch norm gradient")
    for index in 0..<54 {
      let (rows, columns) = (random.integer(in: 1...40), max(1, extent(index)))
      let (dy, x) = (random.numbers(rows * columns), random.numbers(rows * columns))
      let (scale, shift) = (random.numbers(columns), random.numbers(columns))
      let (a, b, d) = (random.numbers(columns), random.numbers(columns), random.numbers(columns))
      var expected = Expectation()
      for index in x.indices {
        let c = index % columns
        let open = !gated || passes(x[index], scale[c], shift[c])
        let terms = [open ? Double(a[c]) * Double(dy[index]) : 0, Double(b[c]) * Double(x[index]), Double(d[c])]
        expected.append(terms.reduce(0, +), within: 4 * unit * terms.reduce(0) { $0 + abs($1) })
      }
      check("batch norm gradient rows\(rows) columns\(columns) \(gated)", expected) { table in
        let (g, source, factor, offset) = (Guarded(dy), Guarded(x), Guarded(scale), Guarded(shift))
        let (va, vb, vd, dx) = (Guarded(a), Guarded(b), Guarded(d), Guarded<Float>(count: x.count))
        withExtendedLifetime((g, source, factor, offset, va, vb, vd)) {
          table.batch_norm_gradient(
            g.constant, source.constant, gated ? factor.constant : nil, gated ? offset.constant : nil, va.constant,
            vb.constant, vd.constant, dx.pointer, Int64(rows), Int64(columns))
        }
        return dx.elements
      }
    }
  }

  @Test func bytes() {
    var random = RandomStream(seed: 24, name: "bytes")
    for index in 0..<60 {
      let (pixels, channels) = (random.integer(in: 0...70), [1, 3, 4, 2, 15, 16, 17, 33][index % 8])
      let x = (0..<pixels * channels).map { _ in UInt8(random.integer(below: 256)) }
      let (scale, shift) = (random.numbers(channels), random.numbers(channels))
      var expected = Expectation()
      for (index, x) in x.enumerated() {
        let (product, shift) = (Double(x) * Double(scale[index % channels]), Double(shift[index % channels]))
        expected.append(product + shift, within: 2 * unit * (abs(product) + abs(shift)))
      }
      check("bytes pixels\(pixels) channels\(channels)", expected) { table in
        let (source, a, b, y) = (Guarded(x), Guarded(scale), Guarded(shift), Guarded<Float>(count: x.count))
        withExtendedLifetime((source, a, b)) {
          table.normalize_bytes(
            source.constant, a.constant, b.constant, y.pointer, Int64(pixels), Int64(channels))
        }
        return y.elements
      }
    }
  }
}
