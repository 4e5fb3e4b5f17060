/// A scale with round ticks.
struct Axis {
  let least: Double
  let greatest: Double
  let ticks: [Double]
  private let decimals: Int

  /// From `least` to a round number not below `greatest`, with `count` steps or a few less.
  ///
  /// - Parameter isWhole: whether what is shown comes in whole numbers.
  init(from least: Double, through greatest: Double, about count: Int = 5, isWhole: Bool = false) {
    let span = greatest - least
    let round = Self.step(span > 0 && span.isFinite ? span : 1, about: count)
    let step = isWhole ? max(round, 1) : round
    let first = (least / step).rounded(.down)
    let last = max((greatest / step - 1e-9).rounded(.up), first + 1)
    self.least = first * step
    self.greatest = last * step
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    decimals = Self.decimals(step)
  }

  /// From 0 to 1 in five steps.
  static let unit = Axis(from: 0, through: 1)

  /// Where a value lies between the ends, 0 to 1.
  func place(_ value: Double) -> Double { min(max((value - least) / (greatest - least), 0), 1) }

  /// The tick as text, as short as its step allows.
  func label(_ tick: Double) -> String {
    if decimals <= 3 || abs(tick) >= 1 { return Figure.fixed(tick, decimals) }
    if tick == 0 { return "0" }
    var (power, scaled) = (0, tick)
    while abs(scaled) < 1 - 1e-9 {
      scaled *= 10
      power += 1
    }
    return Figure.fixed(scaled, Self.decimals(scaled)) + "e-\(power)"
  }

  /// A value read aloud: two digits more than the ticks have.
  func words(_ value: Double) -> String { Figure.fixed(value, min(decimals, 10) + 2) }

  /// 1, 2 or 5 times a power of ten.
  private static func step(_ span: Double, about count: Int) -> Double {
    var step = 1.0
    while step * Double(count) < span { step *= 10 }
    while step / 10 * Double(count) >= span { step /= 10 }
    return [0.2, 0.5].map { $0 * step }.first { $0 * Double(count) >= span } ?? step
  }

  /// Decimals that a number needs: 0.05 has 2.
  private static func decimals(_ value: Double) -> Int {
    var (decimals, scaled) = (0, abs(value))
    while decimals < 12, abs(scaled - scaled.rounded()) > 1e-6 * scaled {
      scaled *= 10
      decimals += 1
    }
    return decimals
  }
}
