import NunchiKernels
import NunchiTensors
import Testing

@Suite struct PoolingTests {
  /// A pool whose windows all hold an element of the image.
  private func pool(_ random: inout RandomStream, _ index: Int) -> nk_pool {
    let kernel = (random.integer(in: 1...4), random.integer(in: 1...4))
    var p = nk_pool()
    (p.kernel_h, p.kernel_w) = (Int64(kernel.0), Int64(kernel.1))
    (p.stride_h, p.stride_w) = (Int64(random.integer(in: 1...3)), Int64(random.integer(in: 1...3)))
    (p.pad_top, p.pad_left) = (Int64(random.integer(below: kernel.0)), Int64(random.integer(below: kernel.1)))
    (p.pad_bottom, p.pad_right) = (Int64(random.integer(below: kernel.0)), Int64(random.integer(below: kernel.1)))
    (p.in_height, p.in_width) = (Int64(random.integer(in: 4...9)), Int64(random.integer(in: 4...9)))
    p.channels = Int64(max(1, extent(index)))
    p.out_height = (p.in_height + p.pad_top + p.pad_bottom - p.kernel_h) / p.stride_h + 1
    p.out_width = (p.in_width + p.pad_left + p.pad_right - p.kernel_w) / p.stride_w + 1
    // Sometimes the last window is cut off, as with sizes rounded up.
    if random.flip(0.3), (p.out_height * p.stride_h - p.pad_top) < p.in_height { p.out_height += 1 }
    if random.flip(0.3), (p.out_width * p.stride_w - p.pad_left) < p.in_width { p.out_width += 1 }
    p.counts_padding = random.flip(0.5) ? 1 : 0
    return p
  }

  private func name(_ p: nk_pool) -> String {
    "pool \(p.in_height)x\(p.in_width)x\(p.channels) to \(p.out_height)x\(p.out_width) kernel \(p.kernel_h)x\(p.kernel_w)"
      + " stride \(p.stride_h)x\(p.stride_w) pad \(p.pad_top) \(p.pad_left)"
  }

  /// The pixels of the image in the window of an output pixel, in order.
  private func window(_ p: nk_pool, _ output: Int) -> [Int] {
    let (oh, ow) = (Int64(output) / p.out_width, Int64(output) % p.out_width)
    var pixels: [Int] = []
    for i in 0..<p.kernel_h {
      for j in 0..<p.kernel_w {
        let (h, w) = (oh * p.stride_h - p.pad_top + i, ow * p.stride_w - p.pad_left + j)
        if h >= 0, h < p.in_height, w >= 0, w < p.in_width { pixels.append(Int(h * p.in_width + w)) }
      }
    }
    return pixels
  }

  /// The number of a pixel in the window of an output pixel.
  private func place(_ p: nk_pool, _ output: Int, _ pixel: Int) -> Int64 {
    let (oh, ow) = (Int64(output) / p.out_width, Int64(output) % p.out_width)
    let (h, w) = (Int64(pixel) / p.in_width, Int64(pixel) % p.in_width)
    return (h - oh * p.stride_h + p.pad_top) * p.kernel_w + w - ow * p.stride_w + p.pad_left
  }

  private func area(_ p: nk_pool, _ output: Int) -> Double {
    guard p.counts_padding == 1 else { return Double(window(p, output).count) }
    let (oh, ow) = (Int64(output) / p.out_width, Int64(output) % p.out_width)
    func framed(_ start: Int64, _ kernel: Int64, _ end: Int64) -> Int64 { min(start + kernel, end) - start }
    return Double(
      framed(oh * p.stride_h - p.pad_top, p.kernel_h, p.in_height + p.pad_bottom)
        * framed(ow * p.stride_w - p.pad_left, p.kernel_w, p.in_width + p.pad_right))
  }

  /// Half of the pools of elements normalised on the way, some behind a ReLU.
  @Test(arguments: [false, true]) func extremes(minimum: Bool) {
    var random = RandomStream(seed: 26, name: "extreme")
    for index in 0..<108 {
      var p = pool(&random, index)
      let (channels, outputs) = (Int(p.channels), Int(p.out_height * p.out_width))
      // Few different numbers, so that there are ties; now and then one that is not a number.
      let x = (0..<Int(p.in_height * p.in_width) * channels).map { _ in
        random.flip(0.02) ? Float.nan : random.flip(0.02) ? -.infinity : Float(random.integer(below: 7)) - 3
      }
      let (affine, relu, raw) = (random.flip(0.5), random.flip(0.5), random.flip(0.3))
      let scale = random.numbers(channels).map { $0.rounded() }
      let shift = random.numbers(channels).map { $0.rounded() }
      let normalized = x.indices.map { position -> Float in
        let c = position % channels
        guard affine else { return x[position] }
        let value = x[position] * scale[c] + shift[c]
        return relu && value < 0 ? 0 : value
      }
      var (values, places, inWindows) = (Expectation(), Expectation(), Expectation())
      for output in 0..<outputs {
        for c in 0..<channels {
          let pixels = window(p, output)
          var best = pixels[0]
          for pixel in pixels.dropFirst() {
            let (old, new) = (normalized[best * channels + c], normalized[pixel * channels + c])
            if minimum ? new < old : new > old { best = pixel }
            if new.isNaN, !old.isNaN { best = pixel }
          }
          values.append(Double((affine && raw ? x : normalized)[best * channels + c]), within: 0)
          places.append(Double(best), within: 0)
          inWindows.append(Double(place(p, output, best)), within: 0)
        }
      }
      values.values += places.values + inWindows.values
      values.bounds += places.bounds + inWindows.bounds
      check("\(name(p)) minimum \(minimum) affine \(affine) \(relu) \(raw)", values) { table in
        let (source, y) = (Guarded(x), Guarded<Float>(count: outputs * channels))
        let (factor, offset) = (Guarded(scale), Guarded(shift))
        let (chosen, place) = (Guarded<Int32>(count: outputs * channels), Guarded<UInt8>(count: outputs * channels))
        let middle = p.out_height / 2
        withExtendedLifetime((source, factor, offset)) {
          for (from, to) in [(0, middle), (middle, p.out_height)] {
            table.pool_extreme(
              &p, minimum ? 1 : 0, source.constant, affine ? factor.constant : nil, affine ? offset.constant : nil,
              relu ? 1 : 0, raw ? 1 : 0, y.pointer, chosen.pointer, place.pointer, from, to)
          }
        }
        return y.elements + chosen.elements.map(Float.init) + place.elements.map(Float.init)
      }
    }
  }

  @Test func extremeGradient() {
    var random = RandomStream(seed: 27, name: "extreme gradient")
    for index in 0..<108 {
      var p = pool(&random, index)
      let (channels, outputs) = (Int(p.channels), Int(p.out_height * p.out_width))
      let dy = random.numbers(outputs * channels)
      var chosen: [UInt8] = []
      let pixels = Int(p.in_height * p.in_width)
      var values = [Double](repeating: 0, count: pixels * channels)
      var sizes = values
      for output in 0..<outputs {
        let candidates = window(p, output)
        for c in 0..<channels {
          let pixel = candidates[random.integer(below: candidates.count)]
          chosen.append(UInt8(place(p, output, pixel)))
          values[pixel * channels + c] += Double(dy[output * channels + c])
          sizes[pixel * channels + c] += abs(Double(dy[output * channels + c]))
        }
      }
      let expected = Expectation(values: values, bounds: sizes.map { $0 * 16 * unit })
      check("gradient of \(name(p))", expected) { table in
        let (g, i, dx) = (Guarded(dy), Guarded(chosen), Guarded<Float>(count: pixels * channels))
        let middle = p.in_height / 2
        withExtendedLifetime((g, i)) {
          for (from, to) in [(0, middle), (middle, p.in_height)] {
            table.pool_extreme_gradient(
              &p, g.constant, i.constant, dx.pointer + Int(from * p.in_width * p.channels), from, to)
          }
        }
        return dx.elements
      }
    }
  }

  @Test func averages() {
    var random = RandomStream(seed: 28, name: "average")
    for index in 0..<54 {
      var p = pool(&random, index)
      let (channels, outputs) = (Int(p.channels), Int(p.out_height * p.out_width))
      let pixels = Int(p.in_height * p.in_width)
      let x = random.numbers(pixels * channels)
      let dy = random.numbers(outputs * channels)
      var averages = Expectation()
      var values = [Double](repeating: 0, count: pixels * channels)
      var sizes = values
      for output in 0..<outputs {
        let (inside, area) = (window(p, output), area(p, output))
        for c in 0..<channels {
          let terms = inside.map { Double(x[$0 * channels + c]) }
          averages.append(
            terms.reduce(0, +) / area, within: Double(terms.count + 1) * unit * terms.reduce(0) { $0 + abs($1) } / area)
          for pixel in inside {
            values[pixel * channels + c] += Double(dy[output * channels + c]) / area
            sizes[pixel * channels + c] += abs(Double(dy[output * channels + c])) / area
          }
        }
      }
      check("average \(name(p))", averages) { table in
        let (source, y) = (Guarded(x), Guarded<Float>(count: outputs * channels))
        let middle = p.out_height / 2
        withExtendedLifetime(source) {
          table.pool_average(&p, source.constant, y.pointer, 0, middle)
          table.pool_average(&p, source.constant, y.pointer, middle, p.out_height)
        }
        return y.elements
      }
      let gradient = Expectation(values: values, bounds: sizes.map { $0 * 17 * unit })
      check("gradient of average \(name(p))", gradient) { table in
        let (g, dx) = (Guarded(dy), Guarded<Float>(count: pixels * channels))
        withExtendedLifetime(g) { table.pool_average_gradient(&p, g.constant, dx.pointer) }
        return dx.elements
      }
    }
  }
}
