/// One entry of a plan: what to do, and into how many tasks it is cut. Plain data; running it neither allocates nor
/// retains.
struct Step {
  let tasks: Int
  let work: Work

  @inline(__always)
  func run(_ task: Int, worker: Int, _ context: UnsafePointer<RunContext>) {
    work.run(task, worker: worker, context.pointee)
  }
}

/// The closed set of things that a step can do.
enum Work {
  case map(MapStep)
  case mapGradient(MapGradientStep)
  case binary(BinaryStep)
  case fill(FillStep)
  case copy(CopyStep)
  case affine(AffineStep)
  case oneHot(OneHotStep)
  case dropout(DropoutStep)
  case reduce(ReduceStep)
  case columnSum(ColumnSumStep)
  case partialSum(PartialSumStep)
  case maximumGradient(MaximumGradientStep)
  case softmax(SoftmaxStep)
  case softmaxGradient(SoftmaxGradientStep)
  case crossEntropy(CrossEntropyStep)
  case crossEntropyGradient(CrossEntropyGradientStep)
  case batchMean(BatchMeanStep)
  case batchMeanGradient(BatchMeanGradientStep)
  case moments(MomentsStep)
  case batchStatistics(BatchStatisticsStep)
  case inferenceStatistics(InferenceStatisticsStep)
  case normalizationSums(NormalizationSumsStep)
  case normalizationFactors(NormalizationFactorsStep)
  case normalizationGradient(NormalizationGradientStep)
  case pool(PoolStep)
  case poolGradient(PoolGradientStep)
  case pack(PackStep)
  case matrix(MatrixStep)
  case convolution(ConvolutionStep)
  case convolutionInputGradient(ConvolutionInputGradientStep)
  case convolutionWeightGradient(ConvolutionWeightGradientStep)
  case chain(ChainStep)
  case custom(CustomStep)
  case squares(SquaresStep)
  case update(UpdateStep)

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    switch self {
    case .map(let step): step.run(task, c)
    case .mapGradient(let step): step.run(task, c)
    case .binary(let step): step.run(task, c)
    case .fill(let step): step.run(task, c)
    case .copy(let step): step.run(task, c)
    case .affine(let step): step.run(task, c)
    case .oneHot(let step): step.run(task, c)
    case .dropout(let step): step.run(task, c)
    case .reduce(let step): step.run(task, c)
    case .columnSum(let step): step.run(task, c)
    case .partialSum(let step): step.run(task, c)
    case .maximumGradient(let step): step.run(task, c)
    case .softmax(let step): step.run(task, c)
    case .softmaxGradient(let step): step.run(task, c)
    case .crossEntropy(let step): step.run(task, c)
    case .crossEntropyGradient(let step): step.run(task, c)
    case .batchMean(let step): step.run(task, c)
    case .batchMeanGradient(let step): step.run(task, c)
    case .moments(let step): step.run(task, c)
    case .batchStatistics(let step): step.run(task, c)
    case .inferenceStatistics(let step): step.run(task, c)
    case .normalizationSums(let step): step.run(task, c)
    case .normalizationFactors(let step): step.run(task, c)
    case .normalizationGradient(let step): step.run(task, c)
    case .pool(let step): step.run(task, c)
    case .poolGradient(let step): step.run(task, c)
    case .pack(let step): step.run(task, c)
    case .matrix(let step): step.run(task, c)
    case .convolution(let step): step.run(task, worker: worker, c)
    case .convolutionInputGradient(let step): step.run(task, worker: worker, c)
    case .convolutionWeightGradient(let step): step.run(task, worker: worker, c)
    case .chain(let step): step.run(task, worker: worker, c)
    case .custom(let step): step.run(c)
    case .squares(let step): step.run(task, c)
    case .update(let step): step.run(task, c)
    }
  }
}
