import NunchiGraph
import NunchiLayers
import NunchiTensors

/// How the values of a network's parameters are ordered in files, which is as PyTorch orders them:
///   convolutions [out, in / groups, height, width]   (here [height, width, in / groups, out])
///   dense layers [out, in]                           (here [in, out])
/// and whatever runs over the features of a flattened image in the order (channel, row, column), here (row, column,
/// channel). Which parameters those are is read off the traced graph.
struct ParameterOrder {
  /// The image whose features a parameter runs over.
  private struct Image: Hashable {
    let height: Int
    let width: Int
    let channels: Int
  }

  private var flattened: [Parameter: Image] = [:]

  init(_ model: some Layer, input: Shape) throws(TraceError) {
    let tracer = Tracer(mode: .inference)
    let output = model(tracer.input("images", input))
    tracer.output("outputs", output)
    follow(try tracer.finish())
  }

  /// Follows every flattened image through element-wise nodes to the parameters that it meets.
  private mutating func follow(_ graph: Graph) {
    var images: [ValueID: Image] = [:]
    func parameter(_ value: ValueID) -> Parameter? {
      graph.parameters.first { $0.value == value }?.parameter
    }
    for node in graph.nodes {
      switch node.operation {
      case .reshape:
        let (before, after) = (graph.type(node.inputs[0]).shape, graph.type(node.outputs[0]).shape)
        if before.rank == 4, after.rank == 2, before[0] == after[0] {
          images[node.outputs[0]] = Image(height: before[1], width: before[2], channels: before[3])
        }
      case .matrixProduct:
        if let image = images[node.inputs[0]], let weight = parameter(node.inputs[1]), weight.layout == .dense {
          flattened[weight] = image
        }
      case .map, .binary, .dropout, .normalize, .stopGradient, .batchNormalizationInference:
        guard let image = node.inputs.lazy.compactMap({ images[$0] }).first else { break }
        let features = image.height * image.width * image.channels
        for case let own? in node.inputs.map(parameter) where own.shape == [features] { flattened[own] = image }
        if graph.type(node.outputs[0]).shape.channels == features { images[node.outputs[0]] = image }
      default: break
      }
    }
  }

  /// The shape of the parameter in files.
  func storedShape(_ parameter: Parameter) -> Shape {
    let shape = parameter.shape
    return switch parameter.layout {
    case .plain: shape
    case .dense: [shape[1], shape[0]]
    case .convolution: [shape[3], shape[2], shape[0], shape[1]]
    }
  }

  /// The values of the parameter as files have them.
  func stored(_ parameter: Parameter, _ values: [Float]) -> [Float] { places(parameter).map { values[$0] } }

  /// The values of the parameter from those of a file.
  func restored(_ parameter: Parameter, _ stored: UnsafeBufferPointer<Float>) -> [Float] {
    [Float](unsafeUninitializedCapacity: stored.count) { values, count in
      for (index, place) in places(parameter).enumerated() { values[place] = stored[index] }
      count = stored.count
    }
  }

  /// For each value in a file its place here.
  private func places(_ parameter: Parameter) -> [Int] {
    let shape = parameter.shape
    switch parameter.layout {
    case .plain:
      return flattened[parameter].map(Self.features) ?? Array(0..<shape.count)
    case .dense:
      let inputs = flattened[parameter].map(Self.features) ?? Array(0..<shape[0])
      return (0..<shape[1]).flatMap { output in inputs.map { $0 * shape[1] + output } }
    case .convolution:
      let (height, width, inputs, outputs) = (shape[0], shape[1], shape[2], shape[3])
      var places: [Int] = []
      places.reserveCapacity(shape.count)
      for output in 0..<outputs {
        for input in 0..<inputs {
          for pixel in 0..<height * width { places.append((pixel * inputs + input) * outputs + output) }
        }
      }
      return places
    }
  }

  /// For each feature in the order (channel, row, column) its place in the order (row, column, channel).
  private static func features(_ image: Image) -> [Int] {
    (0..<image.channels).flatMap { channel in
      (0..<image.height * image.width).map { $0 * image.channels + channel }
    }
  }
}
