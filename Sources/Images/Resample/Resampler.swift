import NunchiKernels

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

/// Antialiased resampling on eight bits with the arithmetic of Pillow's `resize(…, filter, box)`: one axis, rounded to eight
/// bits, then the other.
enum Resampler {
  /// Pixels in memory, rows without gaps.
  struct Source {
    let samples: UnsafePointer<UInt8>
    let width: Int
    let height: Int
    let channels: Int

    var rowBytes: Int { width * channels }
  }

  /// Where a resampled picture goes: rows lie `stride` bytes apart.
  struct Target {
    let samples: UnsafeMutablePointer<UInt8>
    let width: Int
    let height: Int
    let stride: Int
  }

  /// Resamples `box` of the source to fill the target.
  static func resample(_ source: Source, _ box: Box, _ filter: ResampleFilter, to target: Target) {
    let rowsStay = target.width == source.width && box.left == 0 && box.right == Double(source.width)
    let columnsStay = target.height == source.height && box.top == 0 && box.bottom == Double(source.height)
    func across() -> ResampleAxis {
      .cached(
        .init(inputs: source.width, from: box.left, to: box.right, outputs: target.width, filter: filter))
    }
    func down() -> ResampleAxis {
      .cached(
        .init(inputs: source.height, from: box.top, to: box.bottom, outputs: target.height, filter: filter))
    }
    switch (rowsStay, columnsStay) {
    case (true, true): copy(source, to: target)
    case (false, true):
      rows(source.samples, source, source.height, across(), target.samples, stride: target.stride)
    case (true, false): columns(source.samples, stride: source.rowBytes, down(), to: target, channels: source.channels)
    case (false, false):
      if takesColumnsFirst(source, target) {
        columnsThenRows(source, across(), down(), to: target)
      } else {
        rowsThenColumns(source, across(), down(), to: target)
      }
    }
  }

  /// Which axis comes first shows in the last bits, and with filters that overshoot in several levels. This is the order of
  /// Pillow 13, found by comparing both orders on thousands of shapes: the whole picture counts, not the box.
  private static func takesColumnsFirst(_ source: Source, _ target: Target) -> Bool {
    target.height < source.height && source.height - target.height > 2 * (source.width - target.width)
  }

  private static func columnsThenRows(
    _ source: Source, _ across: ResampleAxis, _ down: ResampleAxis, to target: Target
  ) {
    let stride = source.rowBytes
    ScratchMemory.with(byteCount: target.height * stride) { middle in
      let between = Target(samples: middle, width: source.width, height: target.height, stride: stride)
      columns(source.samples, stride: stride, down, to: between, channels: source.channels)
      rows(UnsafePointer(middle), source, target.height, across, target.samples, stride: target.stride)
    }
  }

  private static func rowsThenColumns(_ source: Source, _ across: ResampleAxis, _ down: ResampleAxis, to target: Target)
  {
    let used = down.used
    let stride = target.width * source.channels
    ScratchMemory.with(byteCount: used.count * stride) { middle in
      rows(
        source.samples + used.lowerBound * source.rowBytes, source, used.count, across, middle, stride: stride)
      // The columns count their inputs from the first row of the picture, of which the middle has none before `used`.
      columns(
        UnsafePointer(middle) - used.lowerBound * stride, stride: stride, down, to: target, channels: source.channels)
    }
  }

  private static func copy(_ source: Source, to target: Target) {
    for y in 0..<target.height {
      (target.samples + y * target.stride).update(from: source.samples + y * source.rowBytes, count: source.rowBytes)
    }
  }

  private static func rows(
    _ samples: UnsafePointer<UInt8>, _ source: Source, _ count: Int, _ axis: ResampleAxis,
    _ target: UnsafeMutablePointer<UInt8>, stride: Int
  ) {
    axis.withKernelAxis {
      ImageKernels.functions.pointee.resample_rows(
        $0, samples, source.rowBytes, target, stride, Int64(count), Int64(source.channels))
    }
  }

  private static func columns(
    _ samples: UnsafePointer<UInt8>, stride: Int, _ axis: ResampleAxis, to target: Target, channels: Int
  ) {
    axis.withKernelAxis {
      ImageKernels.functions.pointee.resample_columns(
        $0, samples, stride, target.samples, target.stride, Int64(target.width * channels))
    }
  }
}

extension Image {
  /// The picture at another size, as Pillow's `resize`.
  package func resized(width newWidth: Int, height newHeight: Int, filter: ResampleFilter = .bilinear) -> Image {
    resampled(
      Box(left: 0, top: 0, right: Double(width), bottom: Double(height)), width: newWidth, height: newHeight,
      filter: filter)
  }

  /// A part of the picture at a size of its own.
  package func resampled(
    _ box: Box, width newWidth: Int, height newHeight: Int, filter: ResampleFilter = .bilinear
  ) -> Image {
    Image(width: newWidth, height: newHeight, channels: channels) { output in
      bytes.withUnsafeBufferPointer { input in
        Resampler.resample(
          .init(samples: input.baseAddress!, width: width, height: height, channels: channels), box, filter,
          to: .init(samples: output, width: newWidth, height: newHeight, stride: newWidth * channels))
      }
    }
  }
}
