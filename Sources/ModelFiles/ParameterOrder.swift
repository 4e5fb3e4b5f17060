import NunchiGraph
import NunchiLayers
import NunchiTensors

/// How the values of a network's parameters are ordered in files, which is as PyTorch orders them:
///   convolutions [out, in / groups, height, width]   (here [height, width, in / groups, out])
///   dense layers [out, in]                           (here [in, out])
/// and whatever runs over the features of a flattened image in the order (channel, row, column), here (row, column,
/// channel). Which parameters those are is read off the traced graph.
///
/// A flattened image is followed through operations that preserve it (`OperationRule.preservesFlattening`) to the dense
/// layers that read it. Any other operation that it meets (softmax, concatenation) mixes its features: what comes behind
/// is stored in the order that it has here. A sum with features of another origin, such as a dense layer's beside which
/// the image is carried, counts as the image. A file gives back in either case what was written to it; loaded in
/// PyTorch, such a network's weights would have to be reordered first.
struct ParameterOrder {
  /// The image whose features a parameter runs over.
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

  /// Follows every flattened image through the operations that preserve it to the parameters that it meets.
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

  /// The image whose pixels the node makes the features of a row.
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

  /// The values of the parameter as files have them.
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

  /// Writes the values of the parameter, from those of a file.
  ///
  /// Sixteen outputs at a time: each is read on and on, and what is written are whole cache lines.
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
