/// An axis with round ticks.
struct Axis {
  let least: Double
  let greatest: Double
  let ticks: [Double]
  private let decimals: Int

  /// An axis from `least` to a round number of at least `greatest`, with about `count` steps.
  ///
  /// - Parameter isWhole: whether the values are whole numbers.
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

  /// The axis from 0 to 1 in five steps.
  static let unit = Axis(from: 0, through: 1)

  /// The position of a value between the ends, 0 to 1.
  func place(_ value: Double) -> Double { min(max((value - least) / (greatest - least), 0), 1) }

  /// The text of a tick, with the decimals that its step needs.
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

  /// The text of a value, with two more decimals than the ticks.
  func words(_ value: Double) -> String { Figure.fixed(value, min(decimals, 10) + 2) }

  /// A step of 1, 2 or 5 times a power of ten.
  private static func step(_ span: Double, about count: Int) -> Double {
    var step = 1.0
    while step * Double(count) < span { step *= 10 }
    while step / 10 * Double(count) >= span { step /= 10 }
    return [0.2, 0.5].map { $0 * step }.first { $0 * Double(count) >= span } ?? step
  }

  /// The decimals that a number needs: 2 for 0.05.
  private static func decimals(_ value: Double) -> Int {
    var (decimals, scaled) = (0, abs(value))
    while decimals < 12, abs(scaled - scaled.rounded()) > 1e-6 * scaled {
      scaled *= 10
      decimals += 1
    }
    return decimals
  }
}
