import NunchiGraph
import NunchiLayers
import NunchiTensors

/// The order of a network's parameters in files, which is PyTorch's:
///   convolutions [out, in / groups, height, width]   (here [height, width, in / groups, out])
///   dense layers [out, in]                           (here [in, out])
/// Parameters over the features of a flattened image are in the order (channel, row, column) there, and (row, column,
/// channel) here. The traced graph tells which parameters those are.
///
/// A flattened image is followed through the operations that keep its order (`OperationRule.preservesFlattening`) to
/// the dense layers that read it. Any other operation (softmax, concatenation) ends the search, and later parameters
/// keep the order they have here. A sum of the image with other features, such as those of a dense layer, counts as the
/// image. Reading always restores what was written; but PyTorch would have to reorder the weights of the networks where
/// the search ends early.
struct ParameterOrder {
  /// The flattened image that a parameter runs over.
  private struct Image: Hashable {
    let height: Int
    let width: Int
    let channels: Int
  }

  private var flattened: [Parameter: Image] = [:]

  /// - Parameter graph: the network on its input.
  init(_ graph: Graph) { follow(graph) }

  init(_ model: some Layer, input: Shape) throws(TraceError) {
    let tracer = Tracer(mode: .inference)
    tracer.output("outputs", model(tracer.input("images", input)))
    self.init(try tracer.finish())
  }

  /// Follows every flattened image through the operations that keep its order to the parameters that run over it.
  private mutating func follow(_ graph: Graph) {
    var images: [ValueID: Image] = [:]
    let parameters = Dictionary(graph.parameters.map { ($0.value, $0.parameter) }) { first, _ in first }
    for node in graph.nodes {
      if let image = Self.flattened(by: node, graph) { images[node.outputs[0]] = image }
      guard let image = node.inputs.lazy.compactMap({ images[$0] }).first else { continue }
      if case .matrixProduct = node.operation {
        if images[node.inputs[0]] != nil, let weight = parameters[node.inputs[1]], weight.layout == .dense {
          flattened[weight] = image
        }
      } else if node.operation.rule.preservesFlattening {
        let features = image.height * image.width * image.channels
        for case let own? in node.inputs.map({ parameters[$0] }) where own.shape == [features] {
          flattened[own] = image
        }
        if graph.type(node.outputs[0]).shape.channels == features { images[node.outputs[0]] = image }
      }
    }
  }

  /// The image that this node flattens into rows of features.
  private static func flattened(by node: Graph.Node, _ graph: Graph) -> Image? {
    guard case .reshape = node.operation else { return nil }
    let (before, after) = (graph.type(node.inputs[0]).shape, graph.type(node.outputs[0]).shape)
    guard before.rank == 4, after.rank == 2, before[0] == after[0] else { return nil }
    return Image(height: before[1], width: before[2], channels: before[3])
  }

  /// The shape of the parameter in files.
  func storedShape(_ parameter: Parameter) -> Shape {
    let shape = parameter.shape
    return switch parameter.layout {
    case .plain: shape
    case .dense: [shape[1], shape[0]]
    case .convolution: [shape[3], shape[2], shape[0], shape[1]]
    case .image: [shape[2], shape[0], shape[1]]
    }
  }

  /// The values of the parameter in the order of files.
  func stored(_ parameter: Parameter, _ values: [Float]) -> [Float] {
    let axes = axes(parameter)
    return [Float](unsafeUninitializedCapacity: values.count) { stored, count in
      for output in 0..<axes.outputs {
        for input in 0..<axes.inputs {
          for pixel in 0..<axes.pixels {
            stored[(output * axes.inputs + input) * axes.pixels + pixel] =
              values[(pixel * axes.inputs + input) * axes.outputs + output]
          }
        }
      }
      count = values.count
    }
  }

  /// Copies the values of a file to those of the parameter.
  ///
  /// Sixteen outputs at a time: each is read sequentially, and whole cache lines are written.
  func restore(
    _ parameter: Parameter, from stored: UnsafeBufferPointer<Float>, to values: UnsafeMutableBufferPointer<Float>
  ) {
    precondition(stored.count == parameter.shape.count && values.count == stored.count)
    guard let source = stored.baseAddress, let target = values.baseAddress else { return }
    let axes = axes(parameter)
    let row = axes.inputs * axes.pixels
    for first in stride(from: 0, to: axes.outputs, by: 16) {
      let width = min(16, axes.outputs - first)
      for input in 0..<axes.inputs {
        for pixel in 0..<axes.pixels {
          let from = source + first * row + input * axes.pixels + pixel
          let to = target + (pixel * axes.inputs + input) * axes.outputs + first
          if width == 16 {
            for output in 0..<16 { to[output] = from[output * row] }
          } else {
            for output in 0..<width { to[output] = from[output * row] }
          }
        }
      }
    }
  }

  /// A parameter as [outputs, inputs, pixels] in files and [pixels, inputs, outputs] here.
  private func axes(_ parameter: Parameter) -> (outputs: Int, inputs: Int, pixels: Int) {
    let shape = parameter.shape
    let image = flattened[parameter]
    let pixels = image.map { $0.height * $0.width } ?? 1
    return switch parameter.layout {
    case .plain: (1, shape.count / pixels, pixels)
    case .dense: (shape[1], shape[0] / pixels, pixels)
    case .convolution: (shape[3], shape[2], shape[0] * shape[1])
    case .image: (1, shape[2], shape[0] * shape[1])
    }
  }
}
