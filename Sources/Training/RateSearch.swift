import NunchiDatasets
import NunchiEngine
import NunchiImages
import NunchiSystem

/// A learning rate test: the rate rises by the same factor in every step, and a tenth of the rate with the lowest loss
/// is chosen, which is fast and safely below the rates that diverge.
package struct RateSearch: Sendable, Hashable {
  /// One step of the search.
  package struct Point: Sendable, Hashable {
    package let rate: Float
    /// The exponential moving average of the loss, corrected for its start.
    package let loss: Double

    package init(rate: Float, loss: Double) { (self.rate, self.loss) = (rate, loss) }
  }

  /// The rate that was chosen, with two digits.
  package let rate: Float
  /// Why this rate, in a sentence.
  package let reason: String
  package let points: [Point]

  /// The range of rates that are tried.
  package static let rates: ClosedRange<Double> = 1e-6...1
  package static let steps = 120
  /// The share that the average of the losses keeps in a step.
  static let keep = 0.8
  /// The search ends where the loss is so many times the highest of the first steps. A loss that falls again after that
  /// is no sign of learning.
  static let height = 1.25
  /// The steps before the average is reliable, because single batches are easier or harder than others.
  static let settling = 15

  /// - Parameter points: the steps in the order of their rates, at least one.
  package init(points: [Point]) {
    let settled = points.count > Self.settling ? points.dropFirst(Self.settling) : points[...]
    let lowest = settled.min { $0.loss < $1.loss } ?? Point(rate: 0, loss: 0)
    self.points = points
    rate = Self.rounded(Double(lowest.rate) / 10)
    let fall =
      "the loss fell from \(Self.text(settled.first?.loss ?? 0)) to \(Self.text(lowest.loss)) at the rate "
      + "\(Self.rounded(Double(lowest.rate)))"
    let behind = (points.last?.loss ?? 0) > lowest.loss ? " and rose behind it" : " and was still falling"
    reason = fall + behind + "; a tenth of that rate is fast and keeps its distance"
  }

  /// The rate of a step, counted from 0.
  static func rate(step: Int) -> Float {
    let span = log(rates.upperBound / rates.lowerBound)
    return Float(rates.lowerBound * exp(span * Double(step) / Double(steps - 1)))
  }

  /// A value with two significant digits.
  private static func rounded(_ value: Double) -> Float {
    guard value > 0 else { return 0 }
    let unit = pow(10, (log10(value)).rounded(.down) - 1)
    return Float((value / unit).rounded() * unit)
  }

  /// A loss with three decimals.
  private static func text(_ loss: Double) -> String { NumberText.fixed(min(max(loss, 0), 1e9), 3) }
}

extension Trainer {
  /// Tests learning rates with a short training that is discarded. Nothing is written, and the rate and the schedule of
  /// the settings have no effect.
  package func findRate() throws -> RateSearch {
    var settings = settings
    settings.out = nil
    let preparation = try prepare(settings)
    let network = try preparation.network(settings, PlanOptions())
    var search = RateSearchRun(network, batches: settings.accumulation)
    let mixing = settings.mixing.mixing
    var epoch = 0
    while !search.isOver, !stop.isSet {
      let images = try preparation.training.epoch(epoch) { batch in
        guard !search.isOver, !stop.isSet else { return }
        try search.add(batch, mixing, epoch: epoch)
      }
      guard images > 0 else { break }
      epoch += 1
    }
    guard !search.points.isEmpty else {
      throw TrainingError.data(
        path: preparation.dataset.path, expected: "a loss that is finite at the lowest rate", found: "none")
    }
    return RateSearch(points: search.points)
  }
}

/// A search in progress.
private struct RateSearchRun {
  private let network: TrainingNetwork
  /// The batches that make one step.
  private let batches: Int
  private var added = 0
  private var average = 0.0
  private var step = 0
  private(set) var points: [RateSearch.Point] = []
  private(set) var isOver = false

  init(_ network: TrainingNetwork, batches: Int) { (self.network, self.batches) = (network, batches) }

  mutating func add(_ batch: borrowing Batch, _ mixing: Mixing, epoch: Int) throws {
    let workspace = try network.add(batch, mixing, epoch: epoch).workspace
    added += 1
    guard added == batches else { return }
    added = 0
    let rate = RateSearch.rate(step: step)
    let outcome = network.session.update(workspace, rate: rate)
    step += 1
    guard outcome.update.applied else {
      isOver = true
      return
    }
    average = RateSearch.keep * average + (1 - RateSearch.keep) * Double(outcome.loss)
    let loss = average / (1 - pow(RateSearch.keep, Double(step)))
    points.append(.init(rate: rate, loss: loss))
    isOver =
      step == RateSearch.steps
      || (step > RateSearch.settling
        && loss > RateSearch.height * (points.prefix(RateSearch.settling).map(\.loss).max() ?? loss))
  }
}
