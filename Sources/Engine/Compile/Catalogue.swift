import NunchiGraph
import NunchiKernels
import NunchiTensors

/// Which steps compute each operation. Exhaustive: a new operation does not compile until it has an entry here. Where
/// no kernel fits, the reference runs as a step.
extension Compiler {
  mutating func lower(_ index: Int) {
    let node = graph.nodes[index]
    switch node.operation {
    case .matrixProduct(let rule): lowerMatrixProduct(node, rule)
    case .convolution(let rule): lowerConvolution(node, rule)
    case .convolutionInputGradient(let rule): lowerInputGradient(node, rule)
    case .convolutionWeightGradient(let rule): lowerWeightGradient(node, rule)
    case .pool(let rule): lowerPool(node, rule)
    case .poolGradient(let rule): lowerPoolGradient(node, rule)
    case .batchNormalization(let rule): lowerBatchNormalization(node, rule)
    case .batchNormalizationGradient: lowerBatchNormalizationGradient(node)
    case .batchNormalizationInference(let rule): lowerInferenceNormalization(node, rule)
    case .dropout(let rule): lowerDropout(node, rule)
    case .map(let rule): lowerMap(node, rule)
    case .mapGradient(let rule): lowerMapGradient(index, rule)
    case .binary(let rule): lowerBinary(node, rule)
    case .broadcast: lowerBroadcast(node)
    case .reduce(let rule): lowerReduce(node, rule)
    case .maximumGradient(let rule): lowerMaximumGradient(node, rule)
    case .softmax(let rule): lowerSoftmax(node, logarithmic: rule.logarithmic)
    case .softmaxGradient(let rule): lowerSoftmaxGradient(node, logarithmic: rule.logarithmic)
    case .concatenate(let rule): lowerConcatenate(node, rule)
    case .slice(let rule): lowerSlice(node, rule)
    case .pad(let rule): lowerPad(node, rule)
    case .transposedConvolution(let rule): lowerTransposedConvolution(node, rule)
    case .resize(let rule): lowerResize(node, rule)
    case .resizeGradient(let rule): lowerResizeGradient(node, rule)
    case .gather(let rule):
      lowerGather(node, rule.name, axis: rule.axis, rule.taps(graph.type(node.inputs[0]).shape[rule.axis]))
    case .gatherGradient(let rule): lowerGather(node, rule.name, axis: rule.gather.axis, rule.taps)
    case .sortRows(let rule): lowerSortRows(node, rule)
    case .standardization(let rule): lowerStandardization(node, rule)
    case .standardizationGradient(let rule): lowerStandardizationGradient(node, rule)
    case .localResponse(let rule): lowerLocalResponse(node, rule)
    case .localResponseGradient(let rule): lowerLocalResponseGradient(node, rule)
    case .reshape, .stopGradient: alias(node.outputs[0], node.inputs[0])
    case .transpose(let rule): lowerTranspose(node, rule)
    case .normalize(let rule): lowerNormalize(node, rule)
    case .oneHot(let rule): lowerOneHot(node, rule)
    case .notEqual(let rule): lowerNotEqual(node, rule)
    case .crossEntropy(let rule): lowerCrossEntropy(node, rule)
    case .crossEntropyGradient(let rule): lowerCrossEntropyGradient(node, rule.loss)
    case .batchMean(let rule): lowerBatchMean(node, rule)
    case .batchMeanGradient(let rule): lowerBatchMeanGradient(node, rule)
    case .custom: lowerReference(node)
    }
  }

  /// The reference executor as a step.
  mutating func lowerReference(_ node: Graph.Node) {
    let inputs = node.inputs.map { (slot($0), graph.type($0)) }
    let outputs = node.outputs.map { (result($0), graph.type($0)) }
    let operation = node.operation
    add(
      Draft(operation.rule.name, "reference", reads: inputs.map(\.0), writes: outputs.map(\.0), dependsOnRun: true) {
        link in
        let call = CustomCall(
          operation, inputs: inputs.map { (link($0.0), $0.1) }, outputs: outputs.map { (link($0.0), $0.1) })
        return .custom(CustomStep(call: link.own(call)))
      })
  }

  func extent(_ value: ValueID) -> Extent {
    Extent(graph.type(value))
  }

  /// How a step that writes `value` can be split by rows; nil where `value` has no batch axis.
  func rowwise(_ value: ValueID, shared: [Slot] = [], chunk: Int? = nil) -> Rowwise? {
    graph.type(value).batched ? Rowwise(shared: shared, chunk: chunk) : nil
  }

  /// The rows of a value seen as a matrix of `columns` columns.
  func rows(_ value: ValueID, columns: Int) -> Extent { extent(value) / columns }

  /// Tasks of `size` elements that cover `extent` for the full batch.
  func tasks(_ extent: Extent, of size: Int, batch value: ValueID) -> Int {
    let type = graph.type(value)
    return max(1, extent.count(type.batched ? type.batch : 1).dividedRoundingUp(by: size))
  }

  /// Rows of a matrix that make up one task of an element-wise step.
  func rowsPerTask(_ columns: Int) -> Int { max(1, elementsPerTask / max(columns, 1)) }
}
