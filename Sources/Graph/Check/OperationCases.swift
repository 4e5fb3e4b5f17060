import NunchiTensors

/// What `gradcheck --all` and the tests check of the operations: every one that has a gradient, in several shapes. A test
/// finds the operation that has no case.
package let operationCases: [OperationCase] = [
  matrixProductCases, convolutionCases, poolCases, batchNormalizationCases, batchNormalizationInferenceCases,
  dropoutCases, mapCases, binaryCases, broadcastCases, reduceCases, softmaxCases, concatenateCases, sliceCases,
  padCases, reshapeCases, transposeCases, normalizeCases, crossEntropyCases, batchMeanCases, customCases,
  transposedConvolutionCases, resizeCases, gatherCases, standardizationCases, localResponseCases,
].flatMap(\.self)

/// z = x · y²
private struct ProductWithSquare: CustomOperation {
  let name = "product-with-square"

  func resultShape(_ inputs: [Shape]) throws -> Shape { inputs[0] }

  func evaluate(_ inputs: [(shape: Shape, values: [Double])]) -> [Double] {
    zip(inputs[0].values, inputs[1].values).map { $0 * $1 * $1 }
  }

  func gradient(inputs: [Value], output: Value, outputGradient: Value) -> [Value?] {
    [outputGradient * power(inputs[1], 2), (outputGradient * inputs[0] * inputs[1]).scaled(by: 2)]
  }
}

private let matrixProductCases: [OperationCase] = [false, true].flatMap { left in
  [false, true].map { right in
    OperationCase(
      "matrix-product \(left ? "transposed" : "plain") \(right ? "transposed" : "plain")", left ? [4, 3] : [3, 4],
      right ? [5, 4] : [4, 5]
    ) { multiply($0[0], $0[1], transposingLeft: left, transposingRight: right) }
  }
}

private let convolutionCases: [OperationCase] = [
  OperationCase("convolution 1x1", [2, 3, 3, 2], [1, 1, 2, 3]) { convolve($0[0], $0[1]) },
  OperationCase("convolution 3x3 padded", [2, 4, 5, 2], [3, 3, 2, 3]) { convolve($0[0], $0[1], padding: 1) },
  OperationCase("convolution one channel", [1, 5, 5, 1], [3, 3, 1, 1]) { convolve($0[0], $0[1]) },
  OperationCase("convolution 3x2 stride 2x1", [1, 6, 5, 2], [3, 2, 2, 2]) {
    convolve($0[0], $0[1], stride: (2, 1), padding: .explicit(top: 1, bottom: 0, left: 0, right: 2))
  },
  OperationCase("convolution same stride 2", [1, 5, 6, 2], [3, 3, 2, 2]) {
    convolve($0[0], $0[1], stride: (2, 2), padding: .same)
  },
  OperationCase("convolution dilated", [1, 7, 7, 1], [3, 3, 1, 2]) {
    convolve($0[0], $0[1], padding: 1, dilation: (2, 2))
  },
  OperationCase("convolution 2 groups", [1, 4, 4, 4], [3, 3, 2, 6]) { convolve($0[0], $0[1], padding: 1, groups: 2) },
  OperationCase("convolution depthwise", [2, 4, 4, 3], [3, 3, 1, 3]) { convolve($0[0], $0[1], padding: 1, groups: 3) },
]

private let poolCases: [OperationCase] = [
  OperationCase("maximum-pool 2", [2, 4, 4, 3]) { maxPool($0[0], kernel: (2, 2)) },
  OperationCase("maximum-pool 3 stride 2 padded", [1, 5, 6, 2]) {
    maxPool($0[0], kernel: (3, 3), stride: (2, 2), padding: 1)
  },
  OperationCase("maximum-pool 2 ceil", [1, 5, 5, 1]) { maxPool($0[0], kernel: (2, 2), ceil: true) },
  OperationCase("minimum-pool 3x2", [1, 6, 4, 2]) { minPool($0[0], kernel: (3, 2)) },
  OperationCase("average-pool 2", [2, 4, 4, 2]) { averagePool($0[0], kernel: (2, 2)) },
  OperationCase("average-pool 3 stride 2 padded", [1, 6, 5, 2]) {
    averagePool($0[0], kernel: (3, 3), stride: (2, 2), padding: 1)
  },
  OperationCase("average-pool 3 ceil, pixels only", [1, 5, 6, 1]) {
    averagePool($0[0], kernel: (3, 3), stride: (2, 2), padding: 1, ceil: true, countsPadding: false)
  },
]

private let batchNormalizationCases: [OperationCase] = [[4, 3], [2, 3, 2, 2], [6, 1]].map { (shape: Shape) in
  let channels: Shape = [shape.channels]
  return OperationCase(
    "batch-normalization \(shape)",
    [.init(shape), .init(channels), .init(channels), .init(channels), .init(channels, 0.5...2)]
  ) { $0[0].tracer.add(.batchNormalization(BatchNormalization(epsilon: 1e-5, momentum: 0.1)), $0)[0] }
}

private let batchNormalizationInferenceCases: [OperationCase] = [[4, 3], [2, 3, 2, 2]].map { (shape: Shape) in
  let channels: Shape = [shape.channels]
  return OperationCase(
    "batch-normalization-inference \(shape)",
    [
      .init(shape), .init(channels), .init(channels), .init(channels, isChecked: false),
      .init(channels, 0.5...2, isChecked: false),
    ], mode: .inference
  ) { $0[0].tracer.add(.batchNormalizationInference(BatchNormalizationInference(epsilon: 1e-5)), $0)[0] }
}

private let crossEntropyCases: [OperationCase] = [
  OperationCase("cross-entropy indices", [3, 4]) { crossEntropyRows($0[0], indices($0[0], [0, 3, 1])).losses },
  OperationCase("cross-entropy smoothed, weighted", [3, 4]) {
    crossEntropyRows($0[0], indices($0[0], [2, 2, 0]), smoothing: 0.1, weights: [0.5, 1, 2, 0.5]).losses
  },
  OperationCase("cross-entropy probabilities", [2, 3]) {
    let targets = $0[0].tracer.constant(Tensor([2, 3], [0.2, 0.5, 0.3, 1, 0, 0]))
    return crossEntropyRows($0[0], targets, weights: [1, 2, 3]).losses
  },
  OperationCase("cross-entropy of pixels, some ignored", [2, 2, 3, 4]) {
    let targets = $0[0].tracer.constant(Tensor([2, 2, 3], integers: [0, 3, 9, 1, 2, 9, 9, 0, 1, 3, 3, 9]))
    let rows = crossEntropyRows($0[0], targets, smoothing: 0.2, weights: [1, 2, 0.5, 1], ignoring: 9)
    return rows.losses.batchSum(dividedBy: counted(targets, ignoring: 9))
  },
]

private func indices(_ x: Value, _ classes: [Int32]) -> Value {
  x.tracer.constant(Tensor([classes.count], integers: classes))
}

private let dropoutCases = [OperationCase("dropout .4", [5, 7]) { dropout($0[0], rate: 0.4) }]

private let softmaxCases: [OperationCase] = [
  OperationCase("softmax rows", [3, 5]) { softmax($0[0]) },
  OperationCase("softmax images", [2, 2, 3, 4]) { softmax($0[0]) },
  OperationCase("softmax one class", [4, 1]) { softmax($0[0]) },
  OperationCase("log-softmax rows", [3, 5]) { logSoftmax($0[0]) },
  OperationCase("log-softmax large", [OperationCase.Argument([2, 4], -30...30)]) { logSoftmax($0[0]) },
]

private let normalizeCases = [
  OperationCase("normalize", [2, 3, 2]) { normalize($0[0], scale: [0.5, -2], shift: [1, 3]) }
]

private let customCases = [OperationCase("custom x·y²", [2, 3], [2, 3]) { custom(ProductWithSquare(), $0) }]

private let reshapeCases = [
  OperationCase("reshape", [2, 3, 4]) { $0[0].reshaped(to: [4, 6]) },
  OperationCase("reshape pixels", [2, 3, 2, 4]) { power($0[0].pixelRows(), 2).imagesOfPixels([3, 2]) },
]

private let transposeCases = [
  OperationCase("transpose matrix", [3, 5]) { $0[0].transposed([1, 0]) },
  // A permutation that is not its own inverse.
  OperationCase("transpose cycle", [2, 3, 4]) { $0[0].transposed([1, 2, 0]) },
]

private let batchMeanCases = [
  OperationCase("batch-mean", [5]) { $0[0].batchMean() },
  OperationCase("batch-mean of images", [2, 3, 2]) { $0[0].batchMean() },
]
