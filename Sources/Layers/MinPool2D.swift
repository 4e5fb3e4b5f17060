import NunchiGraph

/// The smallest element of each window, channel by channel; the first of equals gets the gradient. The border of `padding` is never chosen.
public struct MinPool2D: Layer {
  package let window: PoolingWindow

  /// - Parameters:
  ///   - stride: the kernel's size where nil, so that windows lie side by side.
  ///   - ceil: whether a last window may hang over the border.
  public init(_ kernel: WindowSize, stride: WindowSize? = nil, padding: Padding = .valid, ceil: Bool = false) {
    window = PoolingWindow(kernel, stride: stride ?? kernel, padding: padding, ceil: ceil)
  }

  public var summary: String { "MinPool2D(\(window))" }

  public func forward(_ x: Value) -> Value {
    minPool(x, kernel: window.kernel.pair, stride: window.stride.pair, padding: window.padding, ceil: window.ceil)
  }
}

extension MinPool2D: RebuildableLayer {
  static let kind = "MinPool2D"

  public var specification: LayerSpecification? { LayerSpecification(Self.kind, window.options) }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) { window = try PoolingWindow(reader) }
}
