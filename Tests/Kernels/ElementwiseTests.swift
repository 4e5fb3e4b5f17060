import Foundation
import NunchiKernels
import NunchiTensors
import Testing

/// Magnitudes from denormal to enormous, both signs, and the values at which something happens.
private let sweep: [Float] = {
  var random = RandomStream(seed: 7, name: "functions")
  var values: [Float] = [
    0, -0.0, 1, -1, 0.5, -0.5, 0.625, 0.6249999, 88.7, 88.72283, 88.8, 89, 100, 1000, 1e4, 1e30, -17, -30, -87, -87.4,
    -88, -100, -103, -103.9, -104, -105, -1000, -1e4, -1e30, .infinity, -.infinity, .nan, .leastNonzeroMagnitude,
    0x1p-133, .leastNormalMagnitude, .greatestFiniteMagnitude, 1e-20, -1e-20, 0.70710677, 0.7071068, 1.4142135,
    1.4142137, 1.0000001, 0.99999994,
  ]
  for _ in 0..<2000 { values.append(random.uniform(-1...1)) }
  for _ in 0..<2000 { values.append(random.uniform(-110...110)) }
  for _ in 0..<1000 { values.append(Float(exp2(Double(random.uniform(-149...128))))) }
  for _ in 0..<1000 { values.append(-Float(exp2(Double(random.uniform(-149...10))))) }
  return values
}()

private struct Function: Sendable {
  var kind: nk_function
  var p0: Float = 0
  var p1: Float = 0
  var ulps: Double = 4
  /// The gradient rule is given y instead of x.
  var savesResult = false
  var value: @Sendable (Double) -> Double
  /// f'(x)
  var slope: @Sendable (Double) -> Double
}

private let functions: [Function] = [
  Function(kind: NK_STEP, ulps: 0, value: { $0 > 0 ? 1 : 0 }, slope: { _ in 0 }),
  Function(
    kind: NK_SIGMOID, savesResult: true, value: { 1 / (1 + exp(-$0)) },
    slope: { x in 1 / (1 + exp(-x)) * (1 / (1 + exp(x))) }),
  Function(kind: NK_TANH, savesResult: true, value: { tanh($0) }, slope: { 1 - tanh($0) * tanh($0) }),
  Function(
    kind: NK_RELU, ulps: 0, savesResult: true, value: { $0 < 0 ? 0 : $0 }, slope: { $0 > 0 ? 1 : 0 }),
  Function(
    kind: NK_LEAKY_RELU, p0: 0.01, ulps: 1, value: { $0 > 0 ? $0 : Double(Float(0.01)) * $0 },
    slope: { $0 > 0 ? 1 : Double(Float(0.01)) }),
  Function(
    kind: NK_ELU, p0: 1.5, ulps: 5, value: { $0 > 0 ? $0 : 1.5 * expm1($0) }, slope: { $0 > 0 ? 1 : 1.5 * exp($0) }),
  Function(kind: NK_EXP, savesResult: true, value: { exp($0) }, slope: { exp($0) }),
  Function(kind: NK_LOG, value: { $0 < 0 ? .nan : log($0) }, slope: { 1 / $0 }),
  Function(
    kind: NK_CLIP, p0: -1, p1: 6, ulps: 0, savesResult: true, value: { $0 < -1 ? -1 : $0 > 6 ? 6 : $0 },
    slope: { $0 > -1 && $0 < 6 ? 1 : 0 }),
  Function(
    kind: NK_HARD_SIGMOID, ulps: 3, savesResult: true, value: { $0 < -3 ? 0 : $0 > 3 ? 1 : $0 / 6 + 0.5 },
    slope: { $0 > -3 && $0 < 3 ? 1 / 6 : 0 }),
  Function(
    kind: NK_SMOOTH_ABSOLUTE, p0: 0.75, ulps: 3, value: { abs($0) < 0.75 ? $0 * $0 / 1.5 : abs($0) - 0.375 },
    slope: { abs($0) < 0.75 ? $0 / 0.75 : $0 < 0 ? -1 : 1 }),
  Function(kind: NK_SMOOTH_ABSOLUTE, p0: 0, ulps: 0, value: { abs($0) }, slope: { $0 < 0 ? -1 : $0 > 0 ? 1 : 0 }),
  Function(kind: NK_AFFINE, p0: 3, p1: -1, ulps: 2, value: { 3 * $0 - 1 }, slope: { _ in 3 }),
  Function(kind: NK_POWER, p0: 0, ulps: 0, value: { _ in 1 }, slope: { _ in 0 }),
  Function(kind: NK_POWER, p0: 1, ulps: 0, value: { $0 }, slope: { _ in 1 }),
  Function(kind: NK_POWER, p0: 2, ulps: 1, value: { $0 * $0 }, slope: { 2 * $0 }),
  Function(kind: NK_POWER, p0: 3, ulps: 2, value: { $0 * $0 * $0 }, slope: { 3 * $0 * $0 }),
  Function(kind: NK_POWER, p0: -1, ulps: 1, value: { 1 / $0 }, slope: { -1 / ($0 * $0) }),
  Function(kind: NK_POWER, p0: 0.5, ulps: 1, value: { $0.squareRoot() }, slope: { 0.5 / $0.squareRoot() }),
  Function(
    kind: NK_POWER, p0: -0.5, ulps: 2, value: { 1 / $0.squareRoot() }, slope: { -0.5 / ($0 * $0.squareRoot()) }),
]

/// Functions x · gate(x): the gate and its slope.
private let gates: [(kind: nk_function, value: @Sendable (Double) -> Double, slope: @Sendable (Double) -> Double)] = [
  (
    NK_HARD_SWISH, { $0 < -3 ? 0 : $0 > 3 ? 1 : $0 / 6 + 0.5 }, { $0 > -3 && $0 < 3 ? 1 / 6 : 0 }
  ),
  (NK_SILU, logistic, { logistic($0) * logistic(-$0) }),
  (
    NK_MISH, { tanh(max($0, 0) + log1p(exp(-abs($0)))) },
    { x in
      let e = exp(-abs(x))
      let bottom = x < 0 ? 2 + 2 * e + e * e : 1 + 2 * e + 2 * e * e
      return 4 * (1 + e) * (x < 0 ? e : e * e) / (bottom * bottom)
    }
  ),
  (NK_GELU, { erfc(-$0 / 2.0.squareRoot()) / 2 }, { exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() }),
  (
    NK_GELU_TANH, { logistic(2 * inner($0)) },
    { logistic(2 * inner($0)) * logistic(-2 * inner($0)) * 2 * (2 / Double.pi).squareRoot() * (1 + 0.134145 * $0 * $0) }
  ),
]

@Sendable private func logistic(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
@Sendable private func inner(_ x: Double) -> Double { (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x) }

/// Runs a function of one array on every set.
private func checkMap(_ problem: String, _ expected: Expectation, _ x: [Float], _ function: Function) {
  check(problem, expected) { table in
    let (source, target) = (Guarded(x), Guarded<Float>(count: x.count))
    withExtendedLifetime(source) {
      table.map(function.kind, function.p0, function.p1, source.constant, target.pointer, Int64(x.count))
    }
    return target.elements
  }
}

@Suite struct ElementwiseTests {
  @Test(arguments: functions.indices) func functionOfOneArgument(_ index: Int) {
    let function = functions[index]
    var expected = Expectation()
    for x in sweep {
      let value = function.value(Double(x))
      // Products and sums round relative to their own size.
      let size = function.kind == NK_AFFINE ? abs(3 * Double(x)) + 1 : function.kind == NK_HARD_SIGMOID ? 0.5 : value
      expected.append(value, within: function.ulps * size.floatUlp)
    }
    checkMap("function \(function.kind.rawValue) p0 \(function.p0)", expected, sweep, function)
  }

  /// Intermediate values of slopes may overflow or lose bits at the ends of the range, so they are tested inside.
  @Test(arguments: functions.indices) func gradientOfAFunction(_ index: Int) {
    let function = functions[index]
    var random = RandomStream(seed: 8, name: "gradient")
    var x = random.numbers(1000, -8...8) + [0, -0.0]
    if function.kind == NK_LOG || (function.kind == NK_POWER && [0.5, -0.5].contains(function.p0)) {
      x = x.map { abs($0) + 0.01 }
    } else if function.kind == NK_POWER {
      x = x.map { $0 == 0 ? 0.5 : $0 }
    }
    let dy = random.numbers(x.count)
    let saved = function.savesResult ? x.map { Float(function.value(Double($0))) } : x
    var expected = Expectation()
    for (x, dy) in zip(x, dy) {
      let value = function.slope(Double(x)) * Double(dy)
      // y was rounded: near 1, 1 - y keeps only its absolute accuracy.
      expected.append(value, within: 8 * value.floatUlp + (function.savesResult ? 4 * unit * abs(Double(dy)) : 0))
    }
    check("gradient of function \(function.kind.rawValue) p0 \(function.p0)", expected) { table in
      let (g, s, dx) = (Guarded(dy), Guarded(saved), Guarded<Float>(count: x.count))
      withExtendedLifetime((g, s)) {
        table.map_gradient(
          function.kind, function.p0, function.p1, g.constant, s.constant, dx.pointer, Int64(x.count))
      }
      return dx.elements
    }
  }

  /// x times a gate between 0 and 1. Gates of large negative x are made of exponentials, whose errors grow with the
  /// exponent; their slopes are sums of two terms that may cancel.
  @Test(arguments: gates.indices) func gatedFunction(_ index: Int) {
    let gate = gates[index]
    let x = sweep.filter { $0.isFinite && abs($0) < 30 && abs($0) >= Float.leastNormalMagnitude }
    var (values, slopes) = (Expectation(), Expectation())
    for x in x.map(Double.init) {
      let share = (16 + 4 * x * x) * unit
      let value = x * gate.value(x)
      values.append(value, within: share * abs(value) + (1 + abs(x)) * 0x1p-126)
      let (one, two) = (gate.value(x), x * gate.slope(x))
      slopes.append(one + two, within: share * (abs(one) + abs(two)) + 4 * unit * abs(two) + (1 + abs(x)) * 0x1p-120)
    }
    let function = Function(kind: gate.kind, value: gate.value, slope: gate.slope)
    checkMap("gate \(gate.kind.rawValue)", values, x, function)
    check("slope of gate \(gate.kind.rawValue)", slopes) { table in
      let (g, s, dx) = (
        Guarded([Float](repeating: 1, count: x.count)), Guarded(x), Guarded<Float>(count: x.count)
      )
      withExtendedLifetime((g, s)) {
        table.map_gradient(gate.kind, 0, 0, g.constant, s.constant, dx.pointer, Int64(x.count))
      }
      return dx.elements
    }
    // Far out they are x and 0.
    for (x, value): (Float, Float) in [(1e30, 1e30), (-1e30, 0), (0, 0), (.infinity, .infinity)] {
      for table in tables {
        let (source, y) = (Guarded([x]), Guarded<Float>(count: 1))
        withExtendedLifetime(source) { table.map(gate.kind, 0, 0, source.constant, y.pointer, 1) }
        #expect(y.elements[0] == value, "gate \(gate.kind.rawValue) of \(x)")
      }
    }
  }

  @Test func generalPowers() {
    var random = RandomStream(seed: 9, name: "power")
    let x = random.numbers(500, 0.01...20)
    for exponent: Float in [1.7, -2.5, 4] {
      let p = Double(exponent)
      var (values, slopes) = (Expectation(), Expectation())
      for x in x.map(Double.init) {
        // The error of the exponent p log x, in units, becomes a relative error of the power.
        let share = (4 + 6 * abs(p * log(x))) * 2 * unit
        values.append(pow(x, p), within: share * pow(x, p) + pow(x, p).floatUlp * 4)
        let slope = p * pow(x, p - 1)
        slopes.append(slope, within: (12 + 6 * abs((p - 1) * log(x))) * 2 * unit * abs(slope))
      }
      let function = Function(kind: NK_POWER, p0: exponent, value: { $0 }, slope: { $0 })
      checkMap("power \(exponent)", values, x, function)
      check("gradient of power \(exponent)", slopes) { table in
        let (g, s, dx) = (
          Guarded([Float](repeating: 1, count: x.count)), Guarded(x), Guarded<Float>(count: x.count)
        )
        withExtendedLifetime((g, s)) {
          table.map_gradient(NK_POWER, exponent, 0, g.constant, s.constant, dx.pointer, Int64(x.count))
        }
        return dx.elements
      }
    }
  }

  @Test func everyTailOfEveryFunction() {
    for function in functions {
      for count in 0...33 {
        let x = (0..<count).map { Float($0) * 0.3 + 0.2 }
        var expected = Expectation()
        for x in x {
          let value = function.value(Double(x))
          expected.append(value, within: 6 * max(abs(value), 1).floatUlp)
        }
        checkMap("function \(function.kind.rawValue) of \(count)", expected, x, function)
      }
    }
  }

  @Test func theEndsAreExact() {
    for table in tables {
      func value(_ kind: nk_function, _ x: Float) -> Float {
        let (source, target) = (Guarded([x]), Guarded<Float>(count: 1))
        return withExtendedLifetime(source) {
          table.map(kind, 0, 0, source.constant, target.pointer, 1)
          return target.elements[0]
        }
      }
      for x: Float in [1000, .infinity] {
        #expect(value(NK_SIGMOID, x) == 1 && value(NK_SIGMOID, -x) == 0)
        #expect(value(NK_TANH, x) == 1 && value(NK_TANH, -x) == -1)
        #expect(value(NK_EXP, x) == .infinity && value(NK_EXP, -x) == 0)
      }
      #expect(value(NK_LOG, 0) == -.infinity && value(NK_LOG, .infinity) == .infinity)
      #expect(value(NK_LOG, -1).isNaN && value(NK_LOG, 1) == 0 && value(NK_EXP, 0) == 1)
      #expect(value(NK_TANH, -0.0).sign == .minus && value(NK_TANH, 1e-30) == 1e-30)
      for kind in [NK_SIGMOID, NK_TANH, NK_RELU, NK_EXP, NK_LOG] { #expect(value(kind, .nan).isNaN) }
      for x in sweep where !x.isNaN { #expect(value(NK_TANH, -x) == -value(NK_TANH, x)) }
    }
  }

  private func arithmetic(_ kind: nk_binary_kind, _ a: Double, _ b: Double) -> (value: Double, size: Double) {
    switch kind {
    case NK_ADD: (a + b, abs(a) + abs(b))
    case NK_SUBTRACT: (a - b, abs(a) + abs(b))
    case NK_MULTIPLY: (a * b, abs(a * b))
    case NK_DIVIDE: (a / b, abs(a / b))
    default: (max(a, 0) - a * b + log1p(exp(-abs(a))), 4 * (abs(a) + abs(a * b) + 1))
    }
  }

  @Test func functionsOfTwoArguments() {
    var random = RandomStream(seed: 10, name: "binary")
    for index in 0..<250 {
      let kind = [NK_ADD, NK_SUBTRACT, NK_MULTIPLY, NK_DIVIDE, NK_LOGISTIC_LOSS][index % 5]
      let (rows, columns) = (random.integer(in: 1...5), extent(index / 5))
      // A whole operand, one row for all, one column for all, one number for all.
      let strides = (0..<2).map { _ in
        [(columns, 1), (columns + 2, 1), (0, 1), (1, 0), (0, 0)][random.integer(below: 5)]
      }
      let counts = strides.map { columns == 0 ? 0 : (rows - 1) * $0.0 + (columns - 1) * $0.1 + 1 }
      let a = random.numbers(counts[0], -30...30)
      let b = random.numbers(counts[1], 0.25...4)
      var expected = Expectation()
      for r in 0..<rows {
        for c in 0..<columns {
          let (value, size) = arithmetic(
            kind, Double(a[r * strides[0].0 + c * strides[0].1]), Double(b[r * strides[1].0 + c * strides[1].1]))
          expected.append(value, within: 2 * unit * size)
        }
      }
      check("binary \(kind.rawValue) rows\(rows) columns\(columns) strides \(strides)", expected) { table in
        let (x, z, y) = (Guarded(a), Guarded(b), Guarded<Float>(count: rows * columns))
        withExtendedLifetime((x, z)) {
          table.binary(
            kind, x.constant, strides[0].0, strides[0].1, z.constant, strides[1].0, strides[1].1, y.pointer,
            Int64(rows), Int64(columns))
        }
        return y.elements
      }
    }
  }

  @Test func theLogisticLossOfASureLogitKeepsItsSize() {
    var expected = Expectation()
    let a: [Float] = [20, 50, 80, -1000, 1000, 0]
    let b: [Float] = [1, 1, 1, 0, 0, 0.5]
    for (a, b) in zip(a, b) {
      let value = max(Double(a), 0) - Double(a) * Double(b) + log1p(exp(-abs(Double(a))))
      expected.append(value, within: 8 * value.floatUlp)
    }
    check("logistic loss", expected) { table in
      let (x, t, y) = (Guarded(a), Guarded(b), Guarded<Float>(count: a.count))
      withExtendedLifetime((x, t)) {
        table.binary(NK_LOGISTIC_LOSS, x.constant, 0, 1, t.constant, 0, 1, y.pointer, 1, Int64(a.count))
      }
      return y.elements
    }
  }

  @Test func fillsAndMarks() {
    for count in 0...33 {
      var (filled, marked) = (Expectation(), Expectation())
      let index: [Int32] = [0, Int32(count / 2), Int32(count) - 1, -1, Int32(count)]
      for _ in 0..<count { filled.append(-2.5, within: 0) }
      for i in index { for c in 0..<count { marked.append(Int(i) == c ? 1 : 0, within: 0) } }
      check("fill \(count)", filled) { table in
        let y = Guarded<Float>(count: count)
        table.fill(-2.5, y.pointer, Int64(count))
        return y.elements
      }
      check("one-hot of \(count)", marked) { table in
        let (from, out) = (Guarded(index), Guarded<Float>(count: index.count * count))
        withExtendedLifetime(from) { table.one_hot(from.constant, out.pointer, Int64(index.count), Int64(count)) }
        return out.elements
      }
    }
  }
}
