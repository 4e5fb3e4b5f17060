import NunchiTensors

/// All that is known of one operation. A payload struct holds its constants and implements these requirements in one file.
package protocol OperationRule: Sendable {
  /// The operation's name in plans, errors and checks.
  var name: String { get }
  var outputCount: Int { get }
  /// The types of the outputs, or why the inputs do not fit.
  func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType]
  /// The gradients of the inputs, as new nodes.
  func gradient(_ context: GradientContext) throws(OperationError) -> [Value?]
  /// Whether gradients flow through to the inputs.
  var passesGradients: Bool { get }
  /// The plain arithmetic: slow and obviously right. The oracle of every kernel.
  func reference<T: ReferenceScalar>(_ inputs: [ReferenceArray<T>], _ context: RunState) -> [ReferenceArray<T>]
  /// Whether rows of the batch are mixed so that a part of the batch cannot be run.
  func mixesBatch(_ inputs: [ValueType]) -> Bool
  /// Whether feature k of a result [n, features] is computed from feature k of the inputs alone. Permuting the features of
  /// the inputs, and of parameters with one number per feature, then permutes the result and changes nothing else: files
  /// rely on that to store a flattened image in PyTorch's order. No default: a wrong answer would show in no result.
  var preservesFlattening: Bool { get }
  func multiplyAdds(_ inputs: [ValueType], _ outputs: [ValueType]) -> Int
}

extension OperationRule {
  package var outputCount: Int { 1 }
  package var passesGradients: Bool { true }
  package func mixesBatch(_ inputs: [ValueType]) -> Bool { false }
  package func multiplyAdds(_ inputs: [ValueType], _ outputs: [ValueType]) -> Int { 0 }
  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    throw OperationError("\(name) has no gradient rule: second derivatives are not computed")
  }

  /// Checks the number of inputs and their data types.
  func expect(_ inputs: [ValueType], _ dataTypes: DataType...) throws(OperationError) {
    guard inputs.map(\.dataType) == dataTypes else {
      let expected = dataTypes.map(\.rawValue).joined(separator: ", ")
      let found = inputs.map(\.dataType.rawValue).joined(separator: ", ")
      throw OperationError("\(name) expects inputs of type \(expected), got \(found)")
    }
  }
}

/// The closed set of operations. Switches over it, here and in the engine's catalogue, are exhaustive: code that lacks a
/// new case does not compile.
package enum Operation: Sendable {
  case matrixProduct(MatrixProduct)
  case convolution(Convolution)
  case convolutionInputGradient(ConvolutionInputGradient)
  case convolutionWeightGradient(ConvolutionWeightGradient)
  case pool(Pool)
  case poolGradient(PoolGradient)
  case batchNormalization(BatchNormalization)
  case batchNormalizationGradient(BatchNormalizationGradient)
  case batchNormalizationInference(BatchNormalizationInference)
  case dropout(Dropout)
  case map(Map)
  case mapGradient(MapGradient)
  case binary(Binary)
  case broadcast(Broadcast)
  case reduce(Reduce)
  case maximumGradient(MaximumGradient)
  case softmax(Softmax)
  case softmaxGradient(SoftmaxGradient)
  case concatenate(Concatenate)
  case slice(Slice)
  case pad(Pad)
  case reshape(Reshape)
  case transpose(Transpose)
  case normalize(Normalize)
  case oneHot(OneHot)
  case notEqual(NotEqual)
  case crossEntropy(CrossEntropy)
  case crossEntropyGradient(CrossEntropyGradient)
  case batchMean(BatchMean)
  case batchMeanGradient(BatchMeanGradient)
  case transposedConvolution(TransposedConvolution)
  case resize(Resize)
  case resizeGradient(ResizeGradient)
  case gather(Gather)
  case gatherGradient(GatherGradient)
  case sortRows(SortRows)
  case standardization(Standardization)
  case standardizationGradient(StandardizationGradient)
  case localResponse(LocalResponse)
  case localResponseGradient(LocalResponseGradient)
  case stopGradient(StopGradient)
  case custom(Custom)

  package var rule: any OperationRule {
    switch self {
    case .matrixProduct(let rule): rule
    case .convolution(let rule): rule
    case .convolutionInputGradient(let rule): rule
    case .convolutionWeightGradient(let rule): rule
    case .pool(let rule): rule
    case .poolGradient(let rule): rule
    case .batchNormalization(let rule): rule
    case .batchNormalizationGradient(let rule): rule
    case .batchNormalizationInference(let rule): rule
    case .dropout(let rule): rule
    case .map(let rule): rule
    case .mapGradient(let rule): rule
    case .binary(let rule): rule
    case .broadcast(let rule): rule
    case .reduce(let rule): rule
    case .maximumGradient(let rule): rule
    case .softmax(let rule): rule
    case .softmaxGradient(let rule): rule
    case .concatenate(let rule): rule
    case .slice(let rule): rule
    case .pad(let rule): rule
    case .reshape(let rule): rule
    case .transpose(let rule): rule
    case .normalize(let rule): rule
    case .oneHot(let rule): rule
    case .notEqual(let rule): rule
    case .crossEntropy(let rule): rule
    case .crossEntropyGradient(let rule): rule
    case .batchMean(let rule): rule
    case .batchMeanGradient(let rule): rule
    case .transposedConvolution(let rule): rule
    case .resize(let rule): rule
    case .resizeGradient(let rule): rule
    case .gather(let rule): rule
    case .gatherGradient(let rule): rule
    case .sortRows(let rule): rule
    case .standardization(let rule): rule
    case .standardizationGradient(let rule): rule
    case .localResponse(let rule): rule
    case .localResponseGradient(let rule): rule
    case .stopGradient(let rule): rule
    case .custom(let rule): rule
    }
  }
}
