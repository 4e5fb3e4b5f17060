import NunchiGraph

/// The average of each window, channel by channel.
public struct AveragePool2D: Layer {
  package let window: PoolingWindow
  /// Whether zeros of the border count in the divisor, as PyTorch does, or only pixels of the image.
  public let countsPadding: Bool

  /// - Parameters:
  ///   - stride: the kernel's size where nil, so that windows lie side by side.
  ///   - ceil: whether a last window may hang over the border.
  public init(
    _ kernel: WindowSize, stride: WindowSize? = nil, padding: Padding = .valid, ceil: Bool = false,
    countsPadding: Bool = true
  ) {
    window = PoolingWindow(kernel, stride: stride ?? kernel, padding: padding, ceil: ceil)
    self.countsPadding = countsPadding
  }

  public var summary: String { "AveragePool2D(\(window))" }

  public func forward(_ x: Value) -> Value {
    averagePool(
      x, kernel: window.kernel.pair, stride: window.stride.pair, padding: window.padding, ceil: window.ceil,
      countsPadding: countsPadding)
  }
}

extension AveragePool2D: RebuildableLayer {
  static let kind = "AveragePool2D"

  public var specification: LayerSpecification? {
    LayerSpecification(Self.kind, window.options.merging(["countsPadding": .flag(countsPadding)]) { $1 })
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    window = try PoolingWindow(reader)
    countsPadding = try reader.flag("countsPadding", default: true)
  }
}
