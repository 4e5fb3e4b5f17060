import NunchiGraph

/// The windows of a pooling layer.
package struct PoolingWindow: Hashable, Sendable, CustomStringConvertible {
  package let kernel: WindowSize
  package let stride: WindowSize
  /// At most half the kernel on each side.
  package let padding: Padding
  /// Whether a last window may hang over the border.
  package let ceil: Bool

  init(_ kernel: WindowSize, stride: WindowSize, padding: Padding, ceil: Bool) {
    precondition(kernel.isPositive && stride.isPositive, "a pooling window and its stride must be positive")
    (self.kernel, self.stride, self.padding, self.ceil) = (kernel, stride, padding, ceil)
  }

  init(_ reader: SpecificationReader) throws(LayerSpecificationError) {
    kernel = try reader.size("kernel")
    stride = try reader.size("stride", default: kernel)
    padding = try reader.padding("padding")
    ceil = try reader.flag("ceil", default: false)
  }

  package var description: String {
    var text = "\(kernel)"
    if stride != kernel { text += ", stride \(stride)" }
    if let padding = padding.summary { text += ", padding \(padding)" }
    return text + (ceil ? ", ceil" : "")
  }

  var options: [String: LayerSpecification.Option] {
    ["kernel": .size(kernel), "stride": .size(stride), "padding": .padding(padding), "ceil": .flag(ceil)]
  }
}
