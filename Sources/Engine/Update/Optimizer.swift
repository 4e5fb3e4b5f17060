import NunchiGraph

/// How gradients change parameters. A value; its state lives in `OptimizerState`.
///
///     Optimizer(.momentum(0.95), weightDecay: 1e-4, clipNorm: 1)
///
/// The gradient is first clipped (by norm over all parameters, then by value). Weight decay adds `weightDecay · w` to it
/// (L2 in the loss), or with `adamW` shrinks w by `rate · weightDecay` beside the step. Biases and the parameters of
/// normalisations never decay.
public struct Optimizer: Hashable, Sendable {
  /// How a step computes new parameters from a gradient g, with its constants.
  public enum Rule: Hashable, Sendable, CaseIterable {
    /// w ← w − rate · g
    case sgd
    /// v ← β v + g; w ← w − rate · v
    case momentum(Float = 0.9)
    /// v ← β v + g; w ← w − rate · (g + β v), the form that PyTorch uses.
    case nesterov(Float = 0.9)
    /// s ← s + g²; w ← w − rate · g / (√s + ε)
    case adaGrad(epsilon: Float = 1e-10)
    /// s ← ρ s + (1 − ρ) g²; w ← w − rate · g / (√s + ε)
    case rmsProp(rho: Float = 0.9, epsilon: Float = 1e-8)
    /// m ← β₁ m + (1 − β₁) g; v ← β₂ v + (1 − β₂) g²; w ← w − rate · m̂ / (√v̂ + ε) with m̂ = m / (1 − β₁ᵗ) and
    /// v̂ = v / (1 − β₂ᵗ). ε stands outside the root, as in PyTorch.
    case adam(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8)
    /// Adam, with the weight decay beside the step.
    case adamW(beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8)
  }

  /// The rule, with its numbers.
  public var rule: Rule
  /// The share of a weight that a step takes away, times the rate.
  public var weightDecay: Float
  /// The greatest norm of all gradients together; larger ones are scaled down to it.
  public var clipNorm: Float?
  /// The greatest magnitude of one gradient.
  public var clipValue: Float?

  /// A rule with weight decay and limits of the gradients.
  public init(_ rule: Rule, weightDecay: Float = 0, clipNorm: Float? = nil, clipValue: Float? = nil) {
    self.rule = rule
    self.weightDecay = weightDecay
    self.clipNorm = clipNorm
    self.clipValue = clipValue
  }

  /// Numbers kept for each parameter.
  package var stateCount: Int {
    switch rule {
    case .sgd: 0
    case .momentum, .nesterov, .adaGrad, .rmsProp: 1
    case .adam, .adamW: 2
    }
  }

  /// One step of one parameter in plain arithmetic: the oracle of the kernels.
  ///
  /// - Parameters:
  ///   - g: the gradient after clipping.
  ///   - state: two numbers that belong to the parameter, zero before the first step.
  ///   - time: 1 for the first step.
  public func reference<T: ReferenceScalar>(
    _ w: T, gradient g: T, state: inout (T, T), rate: T, time: Int, decays: Bool
  ) -> T {
    let amount = decays ? T(weightDecay) : 0
    let g = rule.decaysBeside ? g : g + amount * w
    let w = rule.decaysBeside ? w * (1 - rate * amount) : w
    switch rule {
    case .sgd: return w - rate * g
    case .momentum(let beta):
      state.0 = T(beta) * state.0 + g
      return w - rate * state.0
    case .nesterov(let beta):
      state.0 = T(beta) * state.0 + g
      return w - rate * (g + T(beta) * state.0)
    case .adaGrad(let epsilon):
      state.0 += g * g
      return w - rate * g / (state.0.squareRoot() + T(epsilon))
    case .rmsProp(let rho, let epsilon):
      state.0 = T(rho) * state.0 + (1 - T(rho)) * g * g
      return w - rate * g / (state.0.squareRoot() + T(epsilon))
    case .adam(let beta1, let beta2, let epsilon), .adamW(let beta1, let beta2, let epsilon):
      state.0 = T(beta1) * state.0 + (1 - T(beta1)) * g
      state.1 = T(beta2) * state.1 + (1 - T(beta2)) * g * g
      let mean = state.0 / (1 - T.power(T(beta1), T(time)))
      let square = state.1 / (1 - T.power(T(beta2), T(time)))
      return w - rate * mean / (square.squareRoot() + T(epsilon))
    }
  }
}
