import NunchiKernels

/// What a step does with the pixels that it has just written, while they are in the cache: partial results of the step
/// that follows. Task t of the writing step writes the pixels of chunk t, and then computes row t of the partial results.
enum BandEpilogue {
  case none
  /// The moments for a batch normalisation.
  case moments(MomentsStep)
  /// The sums for the gradient of a batch normalisation.
  case normalizationSums(NormalizationSumsStep)

  @inline(__always)
  func run(_ task: Int, worker: Int, _ c: RunContext) {
    switch self {
    case .none: break
    case .moments(let step): step.run(task, c)
    case .normalizationSums(let step): step.run(task, worker: worker, c)
    }
  }
}
