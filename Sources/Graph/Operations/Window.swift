import NunchiTensors

/// A window that slides over images: extents, strides, dilation and zero padding, in pixels.
package struct Window: Hashable, Sendable {
  package var kernelHeight: Int
  package var kernelWidth: Int
  package var strideHeight: Int
  package var strideWidth: Int
  package var dilationHeight: Int
  package var dilationWidth: Int
  package var top: Int
  package var bottom: Int
  package var left: Int
  package var right: Int

  /// The extents that one window covers.
  package var reachHeight: Int { (kernelHeight - 1) * dilationHeight + 1 }
  package var reachWidth: Int { (kernelWidth - 1) * dilationWidth + 1 }

  /// A square window with the padding resolved for an input of the given extents.
  package init(
    kernel: (Int, Int), stride: (Int, Int) = (1, 1), padding: Padding = .valid, dilation: (Int, Int) = (1, 1),
    height: Int = 0, width: Int = 0
  ) {
    (kernelHeight, kernelWidth) = kernel
    (strideHeight, strideWidth) = stride
    (dilationHeight, dilationWidth) = dilation
    (top, bottom, left, right) = (0, 0, 0, 0)
    switch padding {
    case .valid: break
    case .symmetric(let pixels): (top, bottom, left, right) = (pixels, pixels, pixels, pixels)
    case .explicit(let t, let b, let l, let r): (top, bottom, left, right) = (t, b, l, r)
    case .same:
      (top, bottom) = Self.same(height, strideHeight, reachHeight)
      (left, right) = Self.same(width, strideWidth, reachWidth)
    }
  }

  private static func same(_ extent: Int, _ stride: Int, _ reach: Int) -> (Int, Int) {
    let total = max((extent.dividedRoundingUp(by: max(stride, 1)) - 1) * stride + reach - extent, 0)
    return (total / 2, total - total / 2)
  }

  /// The extents of the result for an input of the given extents; with `ceil` a last window may hang over the border,
  /// but starts inside the image or its leading border.
  package func output(height: Int, width: Int, ceil: Bool = false) -> (height: Int, width: Int) {
    func extent(_ size: Int, _ before: Int, _ after: Int, _ reach: Int, _ stride: Int) -> Int {
      let room = size + before + after - reach
      guard room >= 0 else { return 0 }
      guard ceil else { return room / stride + 1 }
      let count = room.dividedRoundingUp(by: stride) + 1
      return (count - 1) * stride >= size + before ? count - 1 : count
    }
    return (
      extent(height, top, bottom, reachHeight, strideHeight), extent(width, left, right, reachWidth, strideWidth)
    )
  }

  func validate(_ name: String) throws(OperationError) {
    let sizes = [kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight, dilationWidth]
    guard sizes.allSatisfy({ $0 > 0 }), [top, bottom, left, right].allSatisfy({ $0 >= 0 }) else {
      throw OperationError("\(name): kernel, stride and dilation must be positive and padding not negative")
    }
  }
}

/// The border of zeros round an image.
public enum Padding: Hashable, Sendable, ExpressibleByIntegerLiteral {
  /// None.
  case valid
  /// As much as gives ⌈extent / stride⌉ results; an odd pixel goes after the image, as in TensorFlow.
  case same
  /// The same on all sides.
  case symmetric(Int)
  /// So many pixels on each side.
  case explicit(top: Int, bottom: Int, left: Int, right: Int)

  /// `padding: 1` means one pixel on all sides.
  public init(integerLiteral pixels: Int) { self = .symmetric(pixels) }
}
