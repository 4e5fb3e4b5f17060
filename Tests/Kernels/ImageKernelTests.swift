import NunchiKernels
import NunchiTensors
import Testing

/// Against a byte of a resampled or warped image that is not the formula's, and against reading beyond an image.
@Suite struct ImageKernelTests {
  /// An axis of random windows, from one input to more than a strip holds.
  private struct Axis {
    var starts: [Int32] = []
    var counts: [Int32] = []
    var weights: [Int32] = []
    let inputs: Int
    let taps: Int
    var outputs: Int { starts.count }

    init(_ random: inout RandomStream, inputs: Int, outputs: Int, taps limit: Int) {
      self.inputs = inputs
      taps = min(limit, inputs)
      var (first, end) = (0, 0)
      for output in 0..<outputs {
        let remaining = Double(outputs - output)
        first = min(first + random.integer(in: 0...Int(Double(inputs - first) / remaining)), inputs - 1)
        end = min(max(end, first + random.integer(in: 1...taps), first + 1), inputs, first + taps)
        end = max(end, first + 1)
        starts.append(Int32(first))
        counts.append(Int32(end - first))
        // Some negative, some beyond 1 in sum: both ends of the range are clamped.
        let one = Double(1 << 22)
        let shares = (0..<taps).map { _ in Double(random.uniform(-0.2...1)) }
        let sum = max(shares.prefix(end - first).reduce(0) { $0 + abs($1) }, 0.1)
        weights += shares.map { Int32($0 / sum * one * 1.5) }
      }
    }

    func sum(_ output: Int, _ sample: (Int) -> UInt8) -> UInt8 {
      var sum = 1 << 21
      for tap in 0..<Int(counts[output]) {
        sum += Int(sample(Int(starts[output]) + tap)) * Int(weights[output * taps + tap])
      }
      return UInt8(min(max(sum >> 22, 0), 255))
    }

    func with(_ body: (inout nk_axis) -> Void) {
      let (starts, counts, weights) = (Guarded(starts), Guarded(counts), Guarded(weights))
      var axis = nk_axis(
        starts: starts.constant, counts: counts.constant, weights: weights.constant, inputs: Int64(inputs),
        outputs: Int64(outputs), taps: Int64(taps))
      withExtendedLifetime((starts, counts, weights)) { body(&axis) }
    }
  }

  private func bytes(_ random: inout RandomStream, _ count: Int) -> [UInt8] {
    (0..<count).map { _ in
      random.flip(0.1) ? (random.flip(0.5) ? 255 : 0) : UInt8(random.integer(below: 256))
    }
  }

  private func expectSame(_ actual: [UInt8], _ expected: [UInt8], _ problem: String, _ table: nk_table) {
    guard actual != expected else { return }
    let place = zip(actual, expected).enumerated().first { $1.0 != $1.1 }
    Issue.record(
      """
      \(problem) on \(String(cString: nk_isa_name(table.isa))): byte \(place?.offset ?? -1) is \
      \(place?.element.0 ?? 0) instead of \(place?.element.1 ?? 0)
      """)
  }

  @Test func rowsAreTheFormulasBytes() {
    var random = RandomStream(seed: 5, name: "resample rows")
    let problems = [(1, 1, 1), (3, 5, 2), (17, 16, 40), (33, 7, 300), (2, 20, 1500), (16, 33, 700), (40, 3, 97)]
    for (rows, outputs, inputs) in problems {
      for channels in [1, 3] {
        for taps in [1, 3, 9, 1200] {
          let axis = Axis(&random, inputs: inputs, outputs: outputs, taps: taps)
          let gap = random.integer(in: 0...3)
          let stride = inputs * channels + gap
          let source = bytes(&random, rows * stride - gap)
          let width = outputs * channels + 2
          var expected = [UInt8](repeating: 0xFF, count: rows * width)
          for y in 0..<rows {
            for x in 0..<outputs {
              for c in 0..<channels {
                expected[y * width + x * channels + c] = axis.sum(x) { source[y * stride + $0 * channels + c] }
              }
            }
          }
          for table in tables {
            let (from, to) = (Guarded(source), Guarded<UInt8>(count: expected.count))
            axis.with { axis in
              withExtendedLifetime(from) {
                table.resample_rows(
                  &axis, from.constant, stride, to.pointer, width, Int64(rows), Int64(channels))
              }
            }
            expectSame(to.elements, expected, "rows \(rows), \(inputs) to \(outputs), \(taps) taps", table)
          }
        }
      }
    }
  }

  @Test func columnsAreTheFormulasBytes() {
    var random = RandomStream(seed: 6, name: "resample columns")
    for (columns, outputs, inputs) in [(1, 4, 9), (15, 3, 2), (16, 1, 1), (17, 9, 30), (63, 5, 40), (200, 11, 25)] {
      for taps in [1, 2, 7] {
        let axis = Axis(&random, inputs: inputs, outputs: outputs, taps: taps)
        let (stride, width) = (columns + 3, columns + 1)
        let source = bytes(&random, inputs * stride - 3)
        var expected = [UInt8](repeating: 0xFF, count: outputs * width)
        for y in 0..<outputs {
          for x in 0..<columns { expected[y * width + x] = axis.sum(y) { source[$0 * stride + x] } }
        }
        for table in tables {
          let (from, to) = (Guarded(source), Guarded<UInt8>(count: expected.count))
          axis.with { axis in
            withExtendedLifetime(from) {
              table.resample_columns(&axis, from.constant, stride, to.pointer, width, Int64(columns))
            }
          }
          expectSame(to.elements, expected, "\(columns) columns, \(inputs) to \(outputs), \(taps) taps", table)
        }
      }
    }
  }

  private func place(_ fill: nk_fill, _ position: Int, _ count: Int) -> Int? {
    if 0..<count ~= position || fill == NK_FILL_LEVEL { return 0..<count ~= position ? position : nil }
    if fill == NK_FILL_EDGE { return min(max(position, 0), count - 1) }
    let folded = ((position % (2 * count)) + 2 * count) % (2 * count)
    return folded < count ? folded : 2 * count - 1 - folded
  }

  /// Lines inside, along the last row and column, far outside, and with positions beyond 32 bits.
  @Test func linesThroughAnImageAreTheFormulasBytes() {
    var random = RandomStream(seed: 7, name: "warp")
    for trial in 0..<240 {
      let channels = trial % 2 == 0 ? 1 : 3
      let fill = [NK_FILL_MIRROR, NK_FILL_EDGE, NK_FILL_LEVEL][trial / 8 % 3]
      let (width, height) =
        trial < 8 ? (40000, 2) : (random.integer(in: 1...70), random.integer(in: 1...40))
      let source = bytes(&random, width * height * channels)
      let count = random.integer(in: 0...90)
      let spread: Float = trial % 5 == 0 ? 9 : 1.1
      let step = (Int(random.uniform(-spread...spread) * 65536), Int(random.uniform(-0.4...0.4) * 65536))
      let start = (
        Int(random.uniform(-0.5...1.2) * Float(width) * 65536), Int(random.uniform(-0.5...1.2) * Float(height) * 65536)
      )
      var expected = [UInt8](repeating: 0xFF, count: count * channels)
      for i in 0..<count {
        let (x, y) = (start.0 + i * step.0, start.1 + i * step.1)
        let (u, v) = ((x >> 8) & 255, (y >> 8) & 255)
        for c in 0..<channels {
          func at(_ dx: Int, _ dy: Int) -> Int {
            guard let row = place(fill, y >> 16 + dy, height), let column = place(fill, x >> 16 + dx, width) else {
              return 77
            }
            return Int(source[(row * width + column) * channels + c])
          }
          let (above, below) = (at(0, 0) * (256 - u) + at(1, 0) * u, at(0, 1) * (256 - u) + at(1, 1) * u)
          expected[i * channels + c] = UInt8((above * (256 - v) + below * v + 0x8000) >> 16)
        }
      }
      for table in tables {
        let (from, to) = (Guarded(source), Guarded<UInt8>(count: expected.count))
        var warp = nk_warp(
          source: from.constant, width: Int64(width), height: Int64(height), channels: Int64(channels),
          step_x: Int64(step.0), step_y: Int64(step.1), fill: fill, level: 77)
        withExtendedLifetime(from) { table.warp_row(&warp, Int64(start.0), Int64(start.1), to.pointer, Int64(count)) }
        expectSame(to.elements, expected, "line \(trial) of \(count) in \(width)x\(height)x\(channels)", table)
      }
    }
  }

  @Test func sumsAndTables() {
    var random = RandomStream(seed: 8, name: "bytes")
    for pixels in [0, 1, 2, 15, 16, 17, 64, 65, 100, 5000] {
      for channels in [1, 3] {
        let source = pixels == 5000 ? [UInt8](repeating: 255, count: 15000) : bytes(&random, pixels * channels)
        let map = (0..<256).map { _ in UInt8(random.integer(below: 256)) }
        var sums = [UInt64](repeating: 0, count: channels)
        for index in 0..<pixels * channels { sums[index % channels] += UInt64(source[index]) }
        for table in tables {
          let (x, entries) = (Guarded(Array(source.prefix(pixels * channels))), Guarded(map))
          let found = Guarded<UInt64>(count: channels)
          table.byte_sums(x.constant, Int64(pixels), Int64(channels), found.pointer)
          #expect(found.elements == sums)
          withExtendedLifetime(entries) { table.byte_table(entries.constant, x.pointer, Int64(x.count)) }
          expectSame(x.elements, source.prefix(x.count).map { map[Int($0)] }, "table of \(x.count)", table)
        }
      }
    }
  }
}
