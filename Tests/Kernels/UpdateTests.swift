import NunchiKernels
import NunchiTensors
import Testing

private let kinds: [nk_update_kind] = [NK_SGD, NK_MOMENTUM, NK_NESTEROV, NK_ADAGRAD, NK_RMSPROP, NK_ADAM]

/// One element's weight and state, in Double.
private struct Element {
  var w, s0, s1: Double

  mutating func step(_ u: nk_update, gradient: Double) {
    let (rate, beta1, beta2) = (Double(u.rate), Double(u.beta1), Double(u.beta2))
    var g = Double(u.gradient_scale) * gradient
    if u.value_limit > 0 { g = min(max(g, -Double(u.value_limit)), Double(u.value_limit)) }
    g += Double(u.coupled_decay) * w
    w *= 1 - rate * Double(u.decoupled_decay)
    switch u.kind {
    case NK_SGD: w -= rate * g
    case NK_MOMENTUM:
      s0 = beta1 * s0 + g
      w -= rate * s0
    case NK_NESTEROV:
      s0 = beta1 * s0 + g
      w -= rate * (g + beta1 * s0)
    case NK_ADAGRAD:
      s0 += g * g
      w -= rate * g / (s0.squareRoot() + Double(u.epsilon))
    case NK_RMSPROP:
      s0 = beta2 * s0 + (1 - beta2) * g * g
      w -= rate * g / (s0.squareRoot() + Double(u.epsilon))
    default:
      s0 = beta1 * s0 + (1 - beta1) * g
      s1 = beta2 * s1 + (1 - beta2) * g * g
      let root = s1.squareRoot() / Double(u.root_correction2)
      w -= rate / Double(u.correction1) * s0 / (root + Double(u.epsilon))
    }
  }
}

@Suite struct UpdateTests {
  @Test(arguments: kinds.indices) func oneStep(_ kind: Int) {
    var random = RandomStream(seed: 29, name: "update")
    for count in Array(0...33) + [100, 1001] {
      var u = nk_update()
      u.kind = kinds[kind]
      (u.rate, u.beta1, u.beta2, u.epsilon) = (0.1, 0.9, 0.99, 1e-4)
      (u.coupled_decay, u.decoupled_decay) = (count % 3 == 0 ? 0.01 : 0, count % 3 == 1 ? 0.05 : 0)
      (u.gradient_scale, u.value_limit) = (0.5, count % 2 == 0 ? 0.4 : 0)
      (u.correction1, u.root_correction2) = (0.271, 0.1726)
      let (w, g) = (random.numbers(count), random.numbers(count))
      let (s0, s1) = (random.numbers(count, 0.1...2), random.numbers(count, 0.1...2))
      var expected = (Expectation(), Expectation(), Expectation())
      for i in 0..<count {
        var element = Element(w: Double(w[i]), s0: Double(s0[i]), s1: Double(s1[i]))
        element.step(u, gradient: Double(g[i]))
        // A handful of roundings, each of a number below 8.
        expected.0.append(element.w, within: 64 * unit)
        expected.1.append(element.s0, within: 32 * unit)
        expected.2.append(element.s1, within: 32 * unit)
      }
      let all = Expectation(
        values: expected.0.values + expected.1.values + expected.2.values,
        bounds: expected.0.bounds + expected.1.bounds + expected.2.bounds)
      check("update \(kind) count\(count)", all) { table in
        let (weight, gradient, first, second) = (Guarded(w), Guarded(g), Guarded(s0), Guarded(s1))
        withExtendedLifetime(gradient) {
          table.update(&u, weight.pointer, gradient.constant, first.pointer, second.pointer, Int64(count))
        }
        return weight.elements + first.elements + second.elements
      }
    }
  }
}
