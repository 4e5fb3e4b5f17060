extension Optimizer.Rule {
  /// Every rule with its usual numbers.
  public static let allCases: [Optimizer.Rule] = [
    .sgd, .momentum(), .nesterov(), .adaGrad(), .rmsProp(), .adam(), .adamW(),
  ]

  /// The word that settings and files use: `adam`.
  public var name: String {
    switch self {
    case .sgd: "sgd"
    case .momentum: "momentum"
    case .nesterov: "nesterov"
    case .adaGrad: "adagrad"
    case .rmsProp: "rmsprop"
    case .adam: "adam"
    case .adamW: "adamw"
    }
  }

  /// The rule of that name with its usual numbers; nil where there is none.
  public init?(named name: String) {
    guard let rule = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = rule
  }

  /// What the numbers of rules are called.
  package enum Constant: String, Sendable, CaseIterable { case momentum, beta1, beta2, rho, epsilon }

  /// A number of the rule; nil where it has none of that name, and then none is set.
  package subscript(_ constant: Constant) -> Float? {
    get { constants[constant] }
    set { if let newValue { self = with([constant: newValue]) } }
  }

  /// The same rule with its usual numbers.
  package var usual: Optimizer.Rule { Optimizer.Rule(named: name) ?? self }

  /// Whether weight decay is decoupled: it shrinks the weight instead of adding to the gradient.
  var decaysBeside: Bool {
    switch self {
    case .sgd, .momentum, .nesterov, .adaGrad, .rmsProp, .adam: false
    case .adamW: true
    }
  }

  private var constants: [Constant: Float] {
    switch self {
    case .sgd: [:]
    case .momentum(let beta), .nesterov(let beta): [.momentum: beta]
    case .adaGrad(let epsilon): [.epsilon: epsilon]
    case .rmsProp(let rho, let epsilon): [.rho: rho, .epsilon: epsilon]
    case .adam(let beta1, let beta2, let epsilon), .adamW(let beta1, let beta2, let epsilon):
      [.beta1: beta1, .beta2: beta2, .epsilon: epsilon]
    }
  }

  private func with(_ other: [Constant: Float]) -> Optimizer.Rule {
    switch self {
    case .sgd: .sgd
    case .momentum(let beta): .momentum(other[.momentum] ?? beta)
    case .nesterov(let beta): .nesterov(other[.momentum] ?? beta)
    case .adaGrad(let epsilon): .adaGrad(epsilon: other[.epsilon] ?? epsilon)
    case .rmsProp(let rho, let epsilon): .rmsProp(rho: other[.rho] ?? rho, epsilon: other[.epsilon] ?? epsilon)
    case .adam(let beta1, let beta2, let epsilon):
      .adam(beta1: other[.beta1] ?? beta1, beta2: other[.beta2] ?? beta2, epsilon: other[.epsilon] ?? epsilon)
    case .adamW(let beta1, let beta2, let epsilon):
      .adamW(beta1: other[.beta1] ?? beta1, beta2: other[.beta2] ?? beta2, epsilon: other[.epsilon] ?? epsilon)
    }
  }
}
