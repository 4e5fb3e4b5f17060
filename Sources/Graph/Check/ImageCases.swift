import NunchiTensors

// The cases of operations that change the size of images or normalise within a row.

let transposedConvolutionCases: [OperationCase] = [
  OperationCase("transposed-convolution 2x2 stride 2", [2, 2, 3, 3], [2, 2, 2, 3]) {
    convolveTransposed($0[0], $0[1], stride: (2, 2))
  },
  OperationCase("transposed-convolution 3x3 padded", [1, 3, 4, 2], [3, 3, 3, 2]) {
    convolveTransposed($0[0], $0[1], padding: 1)
  },
  OperationCase("transposed-convolution 3x2 stride 2x3, output padding", [1, 3, 2, 2], [3, 2, 2, 2]) {
    convolveTransposed(
      $0[0], $0[1], stride: (2, 3), padding: .explicit(top: 1, bottom: 0, left: 0, right: 1), outputPadding: (1, 2))
  },
  OperationCase("transposed-convolution dilated, 2 groups", [1, 3, 3, 4], [2, 3, 3, 4]) {
    convolveTransposed($0[0], $0[1], stride: (2, 1), padding: 1, dilation: (2, 2), groups: 2)
  },
  OperationCase("transposed-convolution depthwise", [1, 3, 3, 3], [3, 3, 1, 3]) {
    convolveTransposed($0[0], $0[1], stride: (2, 2), padding: 1, outputPadding: (1, 1), groups: 3)
  },
]

let resizeCases: [OperationCase] = Resizing.allCases.flatMap { resizing in
  ResizeAlignment.allCases.flatMap { alignment in
    [(7, 5), (2, 3), (1, 1)].map { height, width in
      OperationCase("resize \(resizing) \(alignment) to \(height)x\(width)", [2, 3, 4, 2]) {
        resize($0[0], height: height, width: width, resizing, alignment)
      }
    }
  }
}

let gatherCases: [OperationCase] = [
  OperationCase("gather first", [4, 3]) { $0[0].gathered(axis: 0, [3, 1, 1]) },
  OperationCase("gather middle", [2, 5, 3]) { $0[0].gathered(axis: 1, [4, 0, 2, 0, 0, 1]) },
  OperationCase("gather last", [2, 3, 4]) { $0[0].gathered(axis: 2, [2]) },
]

let standardizationCases: [OperationCase] = [
  OperationCase("standardization of channels", [3, 2, 5]) { layerNormalize($0[0], axes: 1, scale: nil, shift: nil) },
  OperationCase("standardization of images", [2, 3, 2, 2]) { layerNormalize($0[0], axes: 3, scale: nil, shift: nil) },
  OperationCase("standardization of groups", [2, 3, 2, 6]) { groupNormalize($0[0], groups: 3, scale: nil, shift: nil) },
]

let localResponseCases: [OperationCase] = [
  OperationCase("local-response 5", [2, 2, 7]) { localResponseNormalize($0[0], size: 5, alpha: 0.5) },
  OperationCase("local-response 2 of 3 channels", [4, 3]) {
    localResponseNormalize($0[0], size: 2, alpha: 2, beta: 1.5, bias: 0.5)
  },
]
