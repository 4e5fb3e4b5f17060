import NunchiTensors

/// A function of one number, applied to every element.
package enum MapFunction: Hashable, Sendable {
  /// 1 where x > 0, else 0. Forward only: its derivative is 0 wherever it exists, so nothing can be learned through it.
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

  /// Whether the derivative is a function of the result rather than of the argument.
  package var savesResult: Bool {
    switch self {
    case .sigmoid, .tanh, .relu, .exponential, .step: true
    case .leakyReLU, .elu, .logarithm, .power, .affine: false
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
    }
  }

  func value<T: ReferenceScalar>(_ x: T) -> T {
    switch self {
    case .step: return x > 0 ? 1 : 0
    case .sigmoid:
      // Each branch takes the exponential of a number that is not positive, so nothing overflows.
      if x >= 0 { return 1 / (1 + T.exponential(-x)) }
      let e = T.exponential(x)
      return e / (1 + e)
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
    }
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

public func step(_ x: Value) -> Value { record(.map(Map(.step)), x) }
public func sigmoid(_ x: Value) -> Value { record(.map(Map(.sigmoid)), x) }
public func tanh(_ x: Value) -> Value { record(.map(Map(.tanh)), x) }
public func relu(_ x: Value) -> Value { record(.map(Map(.relu)), x) }
public func leakyReLU(_ x: Value, slope: Float = 0.01) -> Value { record(.map(Map(.leakyReLU(slope: slope))), x) }
public func elu(_ x: Value, alpha: Float = 1) -> Value { record(.map(Map(.elu(alpha: alpha))), x) }
public func exp(_ x: Value) -> Value { record(.map(Map(.exponential)), x) }
public func log(_ x: Value) -> Value { record(.map(Map(.logarithm)), x) }
public func power(_ x: Value, _ exponent: Float) -> Value { record(.map(Map(.power(exponent: exponent))), x) }

extension Value {
  /// scale · self + offset
  public func scaled(by scale: Float, plus offset: Float = 0) -> Value {
    record(.map(Map(.affine(scale: scale, offset: offset))), self)
  }
}
