import NunchiKernels

/// Elements of an arena that one task updates.
let elementsPerUpdate = 65_536

/// Σ g² over a chunk of the gradients: number `task` of the partial sums.
struct SquaresStep {
  let gradients: Location
  let partials: Location
  let count: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: count, size: elementsPerUpdate)
    c.floats(partials)[task] = c.kernels.pointee.sum_squares(
      c.floats(gradients) + part.lowerBound, Int64(part.count))
  }
}

/// One optimizer step over a chunk of a segment of the parameters.
struct UpdateStep {
  let kind: nk_update_kind
  let beta1: Float
  let beta2: Float
  let epsilon: Float
  let coupledDecay: Float
  let decoupledDecay: Float
  let valueLimit: Float
  /// The segment, in floats.
  let first: Int
  let count: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: count, size: elementsPerUpdate)
    var update = nk_update(
      kind: kind, rate: c.update.rate, beta1: beta1, beta2: beta2, epsilon: epsilon, coupled_decay: coupledDecay,
      decoupled_decay: decoupledDecay, gradient_scale: c.update.gradientScale, value_limit: valueLimit,
      correction1: c.update.correction1, root_correction2: c.update.rootCorrection2)
    func at(_ space: Space) -> UnsafeMutablePointer<Float> {
      c.floats(Location(space: space, offset: 0)) + first + part.lowerBound
    }
    c.kernels.pointee.update(
      &update, at(.parameters), at(.gradients), at(.firstState), at(.secondState), Int64(part.count))
  }
}
