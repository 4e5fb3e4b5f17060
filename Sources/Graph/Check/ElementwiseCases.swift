import NunchiTensors

// The cases of operations that treat elements one by one or move them.

let mapCases: [OperationCase] =
  [
    OperationCase("sigmoid", [3, 4]) { sigmoid($0[0]) },
    OperationCase("sigmoid far out", [OperationCase.Argument([6], -20...20)]) { sigmoid($0[0]) },
    OperationCase("tanh", [3, 4]) { tanh($0[0]) },
    OperationCase("relu", [3, 4]) { relu($0[0]) },
    OperationCase("leaky-relu .1", [3, 4]) { leakyReLU($0[0], slope: 0.1) },
    OperationCase("elu 1", [3, 4]) { elu($0[0]) },
    OperationCase("elu 1 smooth at 0", [OperationCase.Argument([5], -1e-4...1e-4)]) { elu($0[0]) },
    OperationCase("elu .7", [3, 4]) { elu($0[0], alpha: 0.7) },
    OperationCase("exp", [3, 4]) { exp($0[0]) },
    OperationCase("log", [OperationCase.Argument([3, 4], 0.2...3)]) { log($0[0]) },
    OperationCase("affine", [3, 4]) { $0[0].scaled(by: -2.5, plus: 1) },
    OperationCase("clip", [OperationCase.Argument([20], -2...2)]) { clip($0[0], -0.5...1.25) },
    OperationCase("hard-sigmoid", [OperationCase.Argument([20], -4...4)]) { hardSigmoid($0[0]) },
    OperationCase("hard-swish", [OperationCase.Argument([20], -4...4)]) { hardSwish($0[0]) },
    OperationCase("silu", [OperationCase.Argument([20], -6...6)]) { silu($0[0]) },
    OperationCase("mish", [OperationCase.Argument([20], -6...6)]) { mish($0[0]) },
    OperationCase("gelu", [OperationCase.Argument([20], -5...5)]) { gelu($0[0]) },
    OperationCase("gelu-tanh", [OperationCase.Argument([20], -5...5)]) { gelu($0[0], approximate: true) },
    OperationCase("smooth-absolute .7", [OperationCase.Argument([20], -2...2)]) { smoothAbsolute($0[0], beta: 0.7) },
    OperationCase("smooth-absolute 0", [3, 4]) { smoothAbsolute($0[0], beta: 0) },
  ]
  + ([-1, -0.5, 0.5, 1, 1.7, 2, 3] as [Float]).map { exponent in
    OperationCase("power \(exponent)", [OperationCase.Argument([3, 4], 0.3...2)]) { power($0[0], exponent) }
  } + [OperationCase("square of either sign", [3, 4]) { power($0[0], 2) }]

let binaryCases: [OperationCase] = [
  OperationCase("add", [2, 3], [2, 3]) { $0[0] + $0[1] },
  OperationCase("add bias", [2, 2, 2, 3], [3]) { $0[0] + $0[1] },
  OperationCase("add to itself", [2, 3]) { $0[0] + $0[0] },
  OperationCase("subtract", [2, 3], [2, 3]) { $0[0] - $0[1] },
  OperationCase("subtract column from row", [1, 3], [2, 1]) { $0[0] - $0[1] },
  OperationCase("multiply", [2, 3], [2, 3]) { $0[0] * $0[1] },
  OperationCase("multiply by scalar", [2, 3], []) { $0[0] * $0[1] },
  OperationCase("multiply lower rank first", [3], [2, 3]) { $0[0] * $0[1] },
  OperationCase("divide", [.init([2, 3]), .init([2, 3], 0.5...2)]) { $0[0] / $0[1] },
  OperationCase("divide by row", [.init([4, 3]), .init([3], -2 ... -0.5)]) { $0[0] / $0[1] },
  OperationCase("logistic-loss", [.init([3, 4], -5...5), .init([3, 4], 0...1)]) {
    $0[0].tracer.add(.binary(Binary(.logisticLoss)), $0)[0]
  },
]

let broadcastCases: [OperationCase] = [
  OperationCase("broadcast rows", [3]) {
    $0[0].tracer.add(.broadcast(Broadcast(to: [4, 3], batched: false)), $0)[0]
  },
  OperationCase("broadcast middle", [2, 1, 3]) {
    $0[0].tracer.add(.broadcast(Broadcast(to: [2, 4, 3], batched: false)), $0)[0]
  },
  OperationCase("broadcast scalar", Shape.scalar) {
    $0[0].tracer.add(.broadcast(Broadcast(to: [2, 2], batched: false)), $0)[0]
  },
]

let reduceCases: [OperationCase] = [
  OperationCase("reduce-sum all", [2, 3]) { $0[0].sum(axes: [0, 1]) },
  OperationCase("reduce-sum middle", [2, 3, 4]) { $0[0].sum(axes: [1]) },
  OperationCase("reduce-mean last", [2, 5]) { $0[0].mean(axes: [1]) },
  OperationCase("reduce-mean pixels", [2, 3, 4, 2]) { $0[0].mean(axes: [1, 2]) },
  OperationCase("reduce-maximum first", [4, 3]) { $0[0].maximum(axes: [0]) },
  OperationCase("reduce-maximum outer", [2, 3, 4]) { $0[0].maximum(axes: [0, 2]) },
]

let concatenateCases: [OperationCase] = [
  OperationCase("concatenate channels", [2, 2, 3], [2, 2, 1], [2, 2, 2]) { concatenate($0, axis: 2) },
  OperationCase("concatenate rows", [2, 3], [1, 3]) { concatenate($0, axis: 0) },
  OperationCase("concatenate with itself", [2, 3]) { concatenate([$0[0], $0[0]], axis: 1) },
]

let sliceCases: [OperationCase] = [
  OperationCase("slice start", [4, 3]) { $0[0].sliced(axis: 0, from: 0, count: 2) },
  OperationCase("slice middle", [2, 5, 2]) { $0[0].sliced(axis: 1, from: 1, count: 3) },
]

let padCases: [OperationCase] = [
  OperationCase("pad one axis", [2, 3]) { $0[0].padded(before: [0, 1], after: [0, 2]) },
  OperationCase("pad pixels with 7", [1, 2, 3, 2]) {
    $0[0].padded(before: [0, 1, 0, 0], after: [0, 0, 2, 0], value: 7)
  },
]
