/// A part of an image in pixels; edges may lie between pixels.
package struct Box: Sendable, Hashable {
  package var left: Double
  package var top: Double
  package var right: Double
  package var bottom: Double

  package init(left: Double, top: Double, right: Double, bottom: Double) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }
}

/// Antialiased bilinear resampling on eight bits with the arithmetic of Pillow's `resize(…, BILINEAR, box)`: equal to it,
/// or one level away where Pillow takes the columns first.
///
/// Along an axis the output sample i is Σ w(j) in(j) / Σ w(j) with the triangle w(j) = max(0, 1 - |j + ½ - c| / s),
/// c = box start + (i + ½)·scale, s = max(scale, 1). First the rows, rounded to eight bits, then the columns.
enum Resampler {
  /// Weights have this many fractional bits: a sum of eight-bit samples fits 32 bits, one bit in reserve.
  static let fractionBits: Int32 = 22

  /// The weights of one axis: output i sums `counts[i]` inputs from `starts[i]`, weighted by `weights[i * taps...]`.
  struct Axis {
    var starts: [Int]
    var counts: [Int]
    var weights: [Int32]
    var taps: Int

    init(inputs: Int, from: Double, to: Double, outputs: Int) {
      let scale = (to - from) / Double(outputs)
      let support = max(scale, 1)
      taps = Int(support.rounded(.up)) * 2 + 1
      starts = [Int](repeating: 0, count: outputs)
      counts = starts
      weights = [Int32](repeating: 0, count: outputs * taps)
      var row = [Double](repeating: 0, count: taps)
      for output in 0..<outputs {
        let center = from + (Double(output) + 0.5) * scale
        let first = max(Int(center - support + 0.5), 0)
        let count = min(Int(center + support + 0.5), inputs) - first
        var sum = 0.0
        for tap in 0..<count {
          let weight = max(0, 1 - abs((Double(tap + first) - center + 0.5) / support))
          row[tap] = weight
          sum += weight
        }
        for tap in 0..<count {
          weights[output * taps + tap] = Int32(0.5 + row[tap] / sum * Double(Int32(1) << Resampler.fractionBits))
        }
        starts[output] = first
        counts[output] = count
      }
    }
  }

  /// Resamples `box` of the source to `width` by `height` pixels at `target`, whose rows lie `targetStride` bytes apart.
  static func resample(
    _ source: UnsafePointer<UInt8>, width sourceWidth: Int, height sourceHeight: Int, channels: Int, box: Box,
    to target: UnsafeMutablePointer<UInt8>, width: Int, height: Int, targetStride: Int
  ) {
    let rowsStay = width == sourceWidth && box.left == 0 && box.right == Double(sourceWidth)
    let columnsStay = height == sourceHeight && box.top == 0 && box.bottom == Double(sourceHeight)
    if columnsStay && rowsStay {
      let row = width * channels
      for y in 0..<height { (target + y * targetStride).update(from: source + y * row, count: row) }
      return
    }
    let across = Axis(inputs: sourceWidth, from: box.left, to: box.right, outputs: width)
    if columnsStay {
      resampleRows(source, stride: sourceWidth * channels, rows: height, channels, across, target, targetStride)
      return
    }
    let down = Axis(inputs: sourceHeight, from: box.top, to: box.bottom, outputs: height)
    if rowsStay {
      resampleColumns(source, stride: width * channels, first: 0, down, target, targetStride)
      return
    }
    let first = down.starts[0]
    let rows = down.starts[height - 1] + down.counts[height - 1] - first
    let stride = width * channels
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: rows * stride) { between in
      let middle = between.baseAddress!
      resampleRows(
        source + first * sourceWidth * channels, stride: sourceWidth * channels, rows: rows, channels, across, middle,
        stride)
      resampleColumns(middle, stride: stride, first: first, down, target, targetStride)
    }
  }

  private static func resampleRows(
    _ source: UnsafePointer<UInt8>, stride: Int, rows: Int, _ channels: Int, _ axis: Axis,
    _ target: UnsafeMutablePointer<UInt8>, _ targetStride: Int
  ) {
    axis.withPointers { starts, counts, weights, outputs in
      for y in 0..<rows {
        let input = source + y * stride
        let output = target + y * targetStride
        if channels == 3 {
          resampleColourRow(input, output, starts, counts, weights, outputs, axis.taps)
        } else {
          resampleGrayRow(input, output, starts, counts, weights, outputs, axis.taps)
        }
      }
    }
  }

  private static func resampleColourRow(
    _ input: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<UInt8>, _ starts: UnsafePointer<Int>,
    _ counts: UnsafePointer<Int>, _ weights: UnsafePointer<Int32>, _ outputs: Int, _ taps: Int
  ) {
    let half: Int32 = 1 << (fractionBits - 1)
    for x in 0..<outputs {
      let weights = weights + x * taps
      var sample = input + 3 * starts[x]
      var red = half
      var green = half
      var blue = half
      for tap in 0..<counts[x] {
        let weight = weights[tap]
        red &+= Int32(sample[0]) &* weight
        green &+= Int32(sample[1]) &* weight
        blue &+= Int32(sample[2]) &* weight
        sample += 3
      }
      output[3 * x] = narrow(red)
      output[3 * x + 1] = narrow(green)
      output[3 * x + 2] = narrow(blue)
    }
  }

  private static func resampleGrayRow(
    _ input: UnsafePointer<UInt8>, _ output: UnsafeMutablePointer<UInt8>, _ starts: UnsafePointer<Int>,
    _ counts: UnsafePointer<Int>, _ weights: UnsafePointer<Int32>, _ outputs: Int, _ taps: Int
  ) {
    for x in 0..<outputs {
      let weights = weights + x * taps
      let samples = input + starts[x]
      var sum: Int32 = 1 << (fractionBits - 1)
      for tap in 0..<counts[x] { sum &+= Int32(samples[tap]) &* weights[tap] }
      output[x] = narrow(sum)
    }
  }

  /// Row `first` of the image is the first row of `source`.
  private static func resampleColumns(
    _ source: UnsafePointer<UInt8>, stride: Int, first: Int, _ axis: Axis, _ target: UnsafeMutablePointer<UInt8>,
    _ targetStride: Int
  ) {
    axis.withPointers { starts, counts, weights, outputs in
      withUnsafeTemporaryAllocation(of: Int32.self, capacity: stride) { buffer in
        let sums = buffer.baseAddress!
        for y in 0..<outputs {
          sums.update(repeating: 1 << (fractionBits - 1), count: stride)
          for tap in 0..<counts[y] {
            let row = source + (starts[y] - first + tap) * stride
            let weight = weights[y * axis.taps + tap]
            for index in 0..<stride { sums[index] &+= Int32(row[index]) &* weight }
          }
          let output = target + y * targetStride
          for index in 0..<stride { output[index] = narrow(sums[index]) }
        }
      }
    }
  }

  /// Rounding of the weights may carry a sum of white one past 255.
  @inline(__always)
  private static func narrow(_ sum: Int32) -> UInt8 { UInt8(truncatingIfNeeded: min(sum >> fractionBits, 255)) }
}

extension Resampler.Axis {
  fileprivate func withPointers(
    _ body: (UnsafePointer<Int>, UnsafePointer<Int>, UnsafePointer<Int32>, _ outputs: Int) -> Void
  ) {
    starts.withUnsafeBufferPointer { starts in
      counts.withUnsafeBufferPointer { counts in
        weights.withUnsafeBufferPointer { weights in
          body(starts.baseAddress!, counts.baseAddress!, weights.baseAddress!, starts.count)
        }
      }
    }
  }
}

extension Image {
  /// The picture at another size, antialiased bilinear, as Pillow's `resize` with `BILINEAR`.
  public func resized(width newWidth: Int, height newHeight: Int) -> Image {
    resampled(
      Box(left: 0, top: 0, right: Double(width), bottom: Double(height)), width: newWidth, height: newHeight)
  }

  /// A part of the picture at a size of its own.
  package func resampled(_ box: Box, width newWidth: Int, height newHeight: Int) -> Image {
    Image(width: newWidth, height: newHeight, channels: channels) { output in
      bytes.withUnsafeBufferPointer { input in
        Resampler.resample(
          input.baseAddress!, width: width, height: height, channels: channels, box: box, to: output, width: newWidth,
          height: newHeight, targetStride: newWidth * channels)
      }
    }
  }
}
