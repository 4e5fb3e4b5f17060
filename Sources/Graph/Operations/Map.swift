import NunchiTensors

/// A function of one number, applied to every element.
package enum MapFunction: Hashable, Sendable {
  /// 1 where x > 0, else 0. Forward only: its derivative is 0 wherever it exists, so it cannot be trained.
  case step
  /// 1 / (1 + e⁻ˣ)
  case sigmoid
  case tanh
  /// max(x, 0); the derivative at 0 is 0.
  case relu
  /// x where x > 0, else slope · x.
  case leakyReLU(slope: Float)
  /// x where x > 0, else alpha · (eˣ − 1).
  case elu(alpha: Float)
  case exponential
  /// The natural logarithm.
  case logarithm
  case power(exponent: Float)
  /// scale · x + offset
  case affine(scale: Float, offset: Float)
  /// min(max(x, low), high); the derivative is 1 strictly between.
  case clip(low: Float, high: Float)
  /// min(max(x / 6 + 1/2, 0), 1)
  case hardSigmoid
  /// x · hardSigmoid(x)
  case hardSwish
  /// x / (1 + e⁻ˣ)
  case silu
  /// x · tanh(log(1 + eˣ))
  case mish
  /// x · (1 + erf(x / √2)) / 2
  case gelu
  /// x · (1 + tanh(√(2/π) · (x + 0.044715 x³))) / 2
  case geluTanh
  /// x² / (2 · beta) where |x| < beta, else |x| − beta / 2.
  case smoothAbsolute(beta: Float)

  /// Whether the derivative is a function of the result rather than of the argument.
  package var savesResult: Bool {
    switch self {
    case .sigmoid, .tanh, .relu, .exponential, .step, .clip, .hardSigmoid: true
    case .leakyReLU, .elu, .logarithm, .power, .affine, .hardSwish, .silu, .mish, .gelu, .geluTanh, .smoothAbsolute:
      false
    }
  }

  var name: String {
    switch self {
    case .step: "step"
    case .sigmoid: "sigmoid"
    case .tanh: "tanh"
    case .relu: "relu"
    case .leakyReLU: "leaky-relu"
    case .elu: "elu"
    case .exponential: "exp"
    case .logarithm: "log"
    case .power: "power"
    case .affine: "affine"
    case .clip: "clip"
    case .hardSigmoid: "hard-sigmoid"
    case .hardSwish: "hard-swish"
    case .silu: "silu"
    case .mish: "mish"
    case .gelu: "gelu"
    case .geluTanh: "gelu-tanh"
    case .smoothAbsolute: "smooth-absolute"
    }
  }

  func value<T: ReferenceScalar>(_ x: T) -> T {
    switch self {
    case .step: return x > 0 ? 1 : 0
    case .sigmoid: return Self.sigmoid(x)
    case .tanh: return T.hyperbolicTangent(x)
    case .relu: return x < 0 ? 0 : x
    case .leakyReLU(let slope): return x > 0 ? x : T(slope) * x
    case .elu(let alpha): return x > 0 ? x : T(alpha) * (T.exponential(x) - 1)
    case .exponential: return T.exponential(x)
    case .logarithm: return T.logarithm(x)
    case .power(let exponent):
      switch exponent {
      case 1: return x
      case 2: return x * x
      case 3: return x * x * x
      case -1: return 1 / x
      case 0.5: return x.squareRoot()
      case -0.5: return 1 / x.squareRoot()
      default: return T.power(x, T(exponent))
      }
    case .affine(let scale, let offset): return T(scale) * x + T(offset)
    case .clip(let low, let high): return x < T(low) ? T(low) : x > T(high) ? T(high) : x
    case .hardSigmoid: return MapFunction.clip(low: 0, high: 1).value(x / 6 + 0.5)
    case .hardSwish: return x * MapFunction.hardSigmoid.value(x)
    case .silu: return x * Self.sigmoid(x)
    case .mish: return x * Self.softGate(x)
    case .gelu: return x * Self.normalShare(x)
    case .geluTanh: return x * Self.sigmoid(2 * Self.geluInner(x))
    case .smoothAbsolute(let beta): return abs(x) < T(beta) ? x * x / (2 * T(beta)) : abs(x) - T(beta) / 2
    }
  }

  /// The derivative, from the result or the argument as `savesResult` says.
  func derivative<T: ReferenceScalar>(_ saved: T) -> T {
    switch self {
    case .step: return 0
    case .sigmoid: return saved * (1 - saved)
    case .tanh: return 1 - saved * saved
    case .relu: return saved > 0 ? 1 : 0
    case .leakyReLU(let slope): return saved > 0 ? 1 : T(slope)
    case .elu(let alpha): return saved > 0 ? 1 : T(alpha) * T.exponential(saved)
    case .exponential: return saved
    case .logarithm: return 1 / saved
    case .power(let exponent):
      return T(exponent) * MapFunction.power(exponent: exponent - 1).value(saved)
    case .affine(let scale, _): return T(scale)
    case .clip(let low, let high): return saved > T(low) && saved < T(high) ? 1 : 0
    case .hardSigmoid: return saved > 0 && saved < 1 ? 1 / 6 : 0
    case .hardSwish: return saved > -3 ? (saved < 3 ? saved / 3 + 0.5 : 1) : 0
    case .silu:
      let s = Self.sigmoid(saved)
      return s + saved * s * (1 - s)
    case .mish:
      let gate = Self.softGate(saved)
      return gate + saved * (1 - gate * gate) * Self.sigmoid(saved)
    case .gelu:
      let density = T.exponential(-saved * saved / 2) / T(2 * Double.pi).squareRoot()
      return Self.normalShare(saved) + saved * density
    case .geluTanh:
      let s = Self.sigmoid(2 * Self.geluInner(saved))
      let rise = 2 * T(2 / Double.pi).squareRoot() * (1 + 3 * T(0.044715) * saved * saved)
      return s + saved * rise * s * (1 - s)
    case .smoothAbsolute(let beta): return abs(saved) < T(beta) ? saved / T(beta) : saved > 0 ? 1 : saved < 0 ? -1 : 0
    }
  }

  // MARK: Parts

  /// Each branch takes the exponential of a number that is not positive, so nothing overflows.
  private static func sigmoid<T: ReferenceScalar>(_ x: T) -> T {
    if x >= 0 { return 1 / (1 + T.exponential(-x)) }
    let e = T.exponential(x)
    return e / (1 + e)
  }

  /// tanh(log(1 + eˣ)); log(1 + eˣ) = max(x, 0) + log(1 + e^−|x|).
  private static func softGate<T: ReferenceScalar>(_ x: T) -> T {
    T.hyperbolicTangent((x > 0 ? x : 0) + T.logarithm(1 + T.exponential(-abs(x))))
  }

  /// The share of a normal distribution below x.
  private static func normalShare<T: ReferenceScalar>(_ x: T) -> T {
    T.complementaryErrorFunction(-x * T(0.5).squareRoot()) / 2
  }

  private static func geluInner<T: ReferenceScalar>(_ x: T) -> T {
    T(2 / Double.pi).squareRoot() * (x + T(0.044715) * x * x * x)
  }
}

/// y = f(x), element by element.
package struct Map: OperationRule {
  package let function: MapFunction
  package init(_ function: MapFunction) { self.function = function }

  package var name: String { function.name }
  package var preservesFlattening: Bool { true }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    return inputs
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    if case .step = function {
      throw OperationError(
        "step cannot be trained: its derivative is 0 wherever it exists; use sigmoid, tanh or ReLU, or stop the gradient before it"
      )
    }
    let saved = function.savesResult ? context.outputs[0] : context.inputs[0]
    return [record(.mapGradient(MapGradient(function)), context.gradient, saved)]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] { [inputs[0].map(function.value)] }
}

/// dx = dy · f′(saved). Inputs: dy, saved (x or y as the function says).
package struct MapGradient: OperationRule {
  package let function: MapFunction
  package init(_ function: MapFunction) { self.function = function }

  package var name: String { function.name + "-gradient" }
  package var preservesFlattening: Bool { true }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] { [inputs[0]] }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    [ReferenceArray(inputs[0].shape, zip(inputs[0].values, inputs[1].values).map { $0 * function.derivative($1) })]
  }
}

/// 1 where x is above 0, else 0. It cannot be trained through.
public func step(_ x: Value) -> Value { record(.map(Map(.step)), x) }
/// 1 / (1 + e⁻ˣ)
public func sigmoid(_ x: Value) -> Value { record(.map(Map(.sigmoid)), x) }
/// (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ)
public func tanh(_ x: Value) -> Value { record(.map(Map(.tanh)), x) }
/// max(x, 0)
public func relu(_ x: Value) -> Value { record(.map(Map(.relu)), x) }
/// x where it is above 0, else slope · x.
public func leakyReLU(_ x: Value, slope: Float = 0.01) -> Value { record(.map(Map(.leakyReLU(slope: slope))), x) }
/// x where it is above 0, else alpha · (eˣ − 1).
public func elu(_ x: Value, alpha: Float = 1) -> Value { record(.map(Map(.elu(alpha: alpha))), x) }
/// eˣ
public func exp(_ x: Value) -> Value { record(.map(Map(.exponential)), x) }
/// The natural logarithm.
public func log(_ x: Value) -> Value { record(.map(Map(.logarithm)), x) }
/// x to a constant exponent.
public func power(_ x: Value, _ exponent: Float) -> Value { record(.map(Map(.power(exponent: exponent))), x) }
/// The nearest number of a range; no gradient flows outside it.
public func clip(_ x: Value, _ range: ClosedRange<Float>) -> Value {
  record(.map(Map(.clip(low: range.lowerBound, high: range.upperBound))), x)
}
/// min(max(x / 6 + ½, 0), 1)
public func hardSigmoid(_ x: Value) -> Value { record(.map(Map(.hardSigmoid)), x) }
/// x · hardSigmoid(x)
public func hardSwish(_ x: Value) -> Value { record(.map(Map(.hardSwish)), x) }
/// x · sigmoid(x)
public func silu(_ x: Value) -> Value { record(.map(Map(.silu)), x) }
/// x · tanh(log(1 + eˣ))
public func mish(_ x: Value) -> Value { record(.map(Map(.mish)), x) }
/// - Parameter approximate: by tanh instead of the error function, as some networks were trained.
public func gelu(_ x: Value, approximate: Bool = false) -> Value {
  record(.map(Map(approximate ? .geluTanh : .gelu)), x)
}
/// x² / (2 · beta) near 0 and |x| − beta / 2 beyond beta; with a beta of 0 the magnitude.
public func smoothAbsolute(_ x: Value, beta: Float = 1) -> Value {
  record(.map(Map(.smoothAbsolute(beta: beta))), x)
}

extension Value {
  /// scale · self + offset
  public func scaled(by scale: Float, plus offset: Float = 0) -> Value {
    record(.map(Map(.affine(scale: scale, offset: offset))), self)
  }
}
