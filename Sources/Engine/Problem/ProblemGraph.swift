import NunchiGraph
import NunchiTensors

/// One direction of a layer as a graph, and the layout of its parameters.
package struct ProblemGraph {
  package let graph: Graph
  package let layout: WeightsLayout
  /// Shapes by the inputs' names.
  package let inputs: [(name: String, shape: Shape)]
  package let weight: Parameter

  /// The plan is one of training for every direction, so that the weights are packed in every run.
  ///
  /// Inputs: `x` and `dy`, those that the direction reads. Outputs: `y` or `dx`; dk is the gradient of `weight`.
  package init(_ problem: LayerProblem, _ direction: LayerProblem.Direction) throws {
    let layer = Layer(problem)
    // A graph with a gradient compiles as training.
    let mark = Parameter([1], role: .bias, initializer: .zeros)
    let reads = direction == .forward ? ["x"] : direction == .inputGradient ? ["dy"] : ["x", "dy"]
    let inputs = reads.map { (name: $0, shape: $0 == "x" ? layer.x : layer.y) }
    graph = try trace(.training) { tracer in
      let values = inputs.map { tracer.input($0.name, $0.shape) }
      if direction == .weightGradient {
        return tracer.bind(tracer.add(layer.weightGradient, values)[0], gradientOf: layer.weight)
      }
      let isForward = direction == .forward
      let operation = isForward ? layer.forward : layer.inputGradient
      tracer.output(isForward ? "y" : "dx", tracer.add(operation, values + [tracer.parameter(layer.weight)])[0])
      tracer.bind(tracer.constant(Tensor([1], [0])), gradientOf: mark)
    }
    self.inputs = inputs
    weight = layer.weight
    layout = WeightsLayout([("weight", layer.weight), ("mark", mark)])
  }

  /// Whether a step belongs to the layer, and does not copy the mark.
  package func isOwn(_ step: StepCost) -> Bool { step.name != "gradient" }
}

/// The operations of a layer, and the shapes of its arrays.
private struct Layer {
  let x: Shape
  let y: Shape
  let weight: Parameter
  let forward: Operation
  let inputGradient: Operation
  let weightGradient: Operation

  init(_ problem: LayerProblem) {
    switch problem.layer {
    case .convolution(let it):
      x = [it.batch, it.height, it.width, it.channels]
      y = [it.batch, it.outHeight, it.outWidth, it.outputs]
      let inputs = it.channels / it.groups
      weight = Parameter(
        [it.kernelHeight, it.kernelWidth, inputs, it.outputs], role: .weight, layout: .convolution, initializer: .he,
        fanIn: it.taps * inputs)
      let window = Window(
        kernel: (it.kernelHeight, it.kernelWidth), stride: (it.stride, it.stride), padding: .symmetric(it.padding),
        dilation: (it.dilation, it.dilation))
      forward = .convolution(Convolution(window, groups: it.groups))
      inputGradient = .convolutionInputGradient(
        ConvolutionInputGradient(window, groups: it.groups, height: it.height, width: it.width))
      weightGradient = .convolutionWeightGradient(ConvolutionWeightGradient(window, groups: it.groups))
    case .product(let rows, let inputs, let outputs):
      (x, y) = ([rows, inputs], [rows, outputs])
      weight = Parameter([inputs, outputs], role: .weight, layout: .dense, initializer: .he, fanIn: inputs)
      forward = .matrixProduct(MatrixProduct())
      inputGradient = .matrixProduct(MatrixProduct(transposesRight: true))
      weightGradient = .matrixProduct(MatrixProduct(transposesLeft: true))
    }
  }
}
