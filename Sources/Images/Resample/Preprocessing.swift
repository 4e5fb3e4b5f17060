/// How a picture of any shape becomes one of the model's.
public enum ResizeRule: String, Sendable, Hashable, CaseIterable {
  /// Both sides are scaled to fit; the shape is distorted.
  case squash
  /// The largest centred part of the model's shape is scaled; what lies outside it is lost. Pillow's `ImageOps.fit`.
  case crop
  /// The whole picture is scaled to lie centred inside the model's shape; the rest is black. `ImageOps.pad`.
  case pad
}

/// The input of a model in pixels: every picture becomes `height * width * channels` bytes, `[y][x][channel]`.
///
/// Part of the model file: training, evaluation and prediction run this one definition. Mean and scale are the first
/// nodes of the model's graph and not found here.
public struct Preprocessing: Sendable, Hashable {
  /// Pixels of a row.
  public var width: Int
  /// Rows.
  public var height: Int
  /// 1 (gray, ITU-R 601) or 3 (red, green, blue).
  public var channels: Int
  /// How a picture of another shape becomes one of this.
  public var rule: ResizeRule
  /// What scaled samples are made of.
  package var filter: ResampleFilter

  package init(
    width: Int, height: Int, channels: Int = 3, rule: ResizeRule = .crop, filter: ResampleFilter = .bilinear
  ) {
    precondition(width > 0 && height > 0, "the input of a model has at least one pixel, got \(width)x\(height)")
    precondition(channels == 1 || channels == 3, "the input of a model has 1 or 3 channels, got \(channels)")
    self.width = width
    self.height = height
    self.channels = channels
    self.rule = rule
    self.filter = filter
  }

  /// The bytes of one picture.
  public var byteCount: Int { width * height * channels }

  /// The picture as the model sees it.
  public func apply(to image: Image) -> Image {
    Image(width: width, height: height, channels: channels) { write(image, to: $0) }
  }

  /// Writes the picture as the model sees it to `target`, `byteCount` bytes.
  public func write(_ image: Image, to target: UnsafeMutablePointer<UInt8>) {
    image.bytes.withUnsafeBufferPointer { pixels in
      write(
        pixels.baseAddress!, width: image.width, height: image.height, channels: image.channels,
        coverage: image.coverage, to: target)
    }
  }

  /// Whether a picture of this shape passes through unchanged.
  package func keeps(width: Int, height: Int, channels: Int) -> Bool {
    self.width == width && self.height == height && self.channels == channels
  }

  /// Gray is made before scaling, colour from gray after it: never more samples are scaled than needed.
  ///
  /// - Parameter coverage: the part of the source that is the picture; all of it where `nil`.
  package func write(
    _ source: UnsafePointer<UInt8>, width sourceWidth: Int, height sourceHeight: Int, channels sourceChannels: Int,
    coverage: Box? = nil, to target: UnsafeMutablePointer<UInt8>
  ) {
    let area = placement(
      of: coverage ?? Box(left: 0, top: 0, right: Double(sourceWidth), bottom: Double(sourceHeight)))
    if sourceChannels == channels {
      scale(source, sourceWidth, sourceHeight, area, to: target)
      return
    }
    if keeps(width: sourceWidth, height: sourceHeight, channels: channels) {
      convertChannels(from: source, sourceChannels, to: target, channels, pixels: width * height)
      return
    }
    let lean = channels == 1
    let pixels = lean ? sourceWidth * sourceHeight : width * height
    ScratchMemory.with(byteCount: pixels) { gray in
      if lean {
        convertChannels(from: source, 3, to: gray, 1, pixels: pixels)
        scale(gray, sourceWidth, sourceHeight, area, to: target)
      } else {
        var small = self
        small.channels = 1
        small.scale(source, sourceWidth, sourceHeight, area, to: gray)
        convertChannels(from: gray, 1, to: target, 3, pixels: pixels)
      }
    }
  }

  private func scale(
    _ source: UnsafePointer<UInt8>, _ sourceWidth: Int, _ sourceHeight: Int, _ area: Placement,
    to target: UnsafeMutablePointer<UInt8>
  ) {
    if area.width < width || area.height < height { target.update(repeating: 0, count: byteCount) }
    Resampler.resample(
      .init(samples: source, width: sourceWidth, height: sourceHeight, channels: channels), area.box, filter,
      to: .init(
        samples: target + (area.y * width + area.x) * channels, width: area.width, height: area.height,
        stride: width * channels))
  }

  /// Which part of a picture lands where.
  package func placement(width sourceWidth: Int, height sourceHeight: Int) -> Placement {
    placement(of: Box(left: 0, top: 0, right: Double(sourceWidth), bottom: Double(sourceHeight)))
  }

  /// Which part of the picture that fills `box` lands where.
  package func placement(of box: Box) -> Placement {
    let fullWidth = box.right - box.left
    let fullHeight = box.bottom - box.top
    var placement = Placement(box: box, x: 0, y: 0, width: width, height: height)
    switch rule {
    case .squash: break
    case .crop:
      let scale = min(fullWidth / Double(width), fullHeight / Double(height))
      let left = max(0, (fullWidth - Double(width) * scale) / 2)
      let top = max(0, (fullHeight - Double(height) * scale) / 2)
      placement.box = Box(
        left: box.left + left, top: box.top + top, right: box.right - left, bottom: box.bottom - top)
    case .pad:
      // Half a pixel goes to the even side, as in Pillow's `ImageOps.pad`.
      let wanted = Double(width) / Double(height)
      if fullWidth / fullHeight > wanted {
        placement.height = max(Int((fullHeight / fullWidth * Double(width)).rounded(.toNearestOrEven)), 1)
      } else if fullWidth / fullHeight < wanted {
        placement.width = max(Int((fullWidth / fullHeight * Double(height)).rounded(.toNearestOrEven)), 1)
      }
      placement.x = Int((Double(width - placement.width) / 2).rounded(.toNearestOrEven))
      placement.y = Int((Double(height - placement.height) / 2).rounded(.toNearestOrEven))
    }
    return placement
  }

  /// The `box` of the source is scaled to `width` by `height` pixels at (`x`, `y`) of the model's input.
  package struct Placement: Hashable {
    package var box: Box
    package var x: Int
    package var y: Int
    package var width: Int
    package var height: Int
  }
}
