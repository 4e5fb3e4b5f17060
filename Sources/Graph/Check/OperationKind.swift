/// The cases of `Operation` without their constants, so that they can be listed.
package enum OperationKind: String, CaseIterable, Sendable {
  case matrixProduct, convolution, convolutionInputGradient, convolutionWeightGradient, pool, poolGradient
  case batchNormalization, batchNormalizationGradient, batchNormalizationInference, dropout, map, mapGradient, binary
  case broadcast, reduce, maximumGradient, softmax, softmaxGradient, concatenate, slice, pad, reshape, transpose
  case normalize, oneHot, crossEntropy, crossEntropyGradient, batchMean, batchMeanGradient, stopGradient, custom
}

extension Operation {
  package var kind: OperationKind {
    switch self {
    case .matrixProduct: .matrixProduct
    case .convolution: .convolution
    case .convolutionInputGradient: .convolutionInputGradient
    case .convolutionWeightGradient: .convolutionWeightGradient
    case .pool: .pool
    case .poolGradient: .poolGradient
    case .batchNormalization: .batchNormalization
    case .batchNormalizationGradient: .batchNormalizationGradient
    case .batchNormalizationInference: .batchNormalizationInference
    case .dropout: .dropout
    case .map: .map
    case .mapGradient: .mapGradient
    case .binary: .binary
    case .broadcast: .broadcast
    case .reduce: .reduce
    case .maximumGradient: .maximumGradient
    case .softmax: .softmax
    case .softmaxGradient: .softmaxGradient
    case .concatenate: .concatenate
    case .slice: .slice
    case .pad: .pad
    case .reshape: .reshape
    case .transpose: .transpose
    case .normalize: .normalize
    case .oneHot: .oneHot
    case .crossEntropy: .crossEntropy
    case .crossEntropyGradient: .crossEntropyGradient
    case .batchMean: .batchMean
    case .batchMeanGradient: .batchMeanGradient
    case .stopGradient: .stopGradient
    case .custom: .custom
    }
  }
}
