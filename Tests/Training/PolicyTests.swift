import NunchiDatasets
import NunchiEvaluation
import NunchiTraining
import Testing

@Suite struct EarlyStoppingTests {
  /// Runs the values through the policy; returns the epoch after which it stopped (nil: never) and the best one.
  private func run(
    _ values: [Double], losses: [Double]? = nil, patience: Int?, rises: Bool = false
  ) -> (stopped: Int?, best: Int) {
    var policy = EarlyStopping(patience: patience, risesWithQuality: rises)
    for (index, value) in values.enumerated() {
      _ = policy.record(epoch: index + 1, value: value, loss: losses?[index] ?? 0)
      if policy.shouldStop { return (index + 1, policy.best!.epoch) }
    }
    return (nil, policy.best!.epoch)
  }

  @Test func theScriptedSequenceStopsAfterTheFourthValue() {
    let (stopped, best) = run([1, 0.9, 0.95, 0.94, 0.93], patience: 2)
    #expect(stopped == 4)
    #expect(best == 2)
  }

  @Test func risingValuesAreFollowedUpwards() {
    let (stopped, best) = run([0.5, 0.8, 0.7, 0.79, 0.9], patience: 2, rises: true)
    #expect(stopped == 4 && best == 2)
  }

  @Test func withoutPatienceItNeverStops() {
    let (stopped, best) = run([1, 0.9, 2, 3, 4, 5], patience: nil)
    #expect(stopped == nil && best == 2)
  }

  @Test func ofEqualValuesTheLowerLossIsBetter() {
    #expect(run([0.9, 0.9, 0.9], losses: [0.3, 0.2, 0.25], patience: nil, rises: true).best == 2)
    #expect(run([0.9, 0.9, 0.9], losses: [0.2, 0.2, 0.2], patience: nil, rises: true).best == 1)
  }

  /// Small gains move the best epoch on, and do not end the waiting.
  @Test func smallGainsDoNotEndTheWaiting() {
    var policy = EarlyStopping(patience: 2, minDelta: 0.05, risesWithQuality: true)
    let stops = [0.5, 0.6, 0.62, 0.64, 0.66].enumerated().map { index, value in
      _ = policy.record(epoch: index + 1, value: value, loss: 0)
      return policy.shouldStop
    }
    #expect(stops == [false, false, false, true, false])
    #expect(policy.best!.epoch == 5)
  }

  @Test func whatIsNotANumberIsNeverBest() {
    #expect(run([.nan, 0.5, .nan], patience: nil).best == 2)
    #expect(run([0.5, .nan, .nan], patience: 2).stopped == 3)
  }
}

@Suite struct PlateauTests {
  @Test func theRateFallsWhenTheValueStandsStill() {
    var plateau = Plateau(risesWithQuality: true)
    let values = [0.5, 0.6, 0.6, 0.55, 0.6, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7, 0.7]
    let reductions = values.map { value in
      plateau.record(value)
      return plateau.reductions
    }
    #expect(reductions == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3])
    var falling = Plateau(risesWithQuality: false)
    for value in [1, 0.9, 0.8, 0.7, 0.6] { falling.record(value) }
    #expect(falling.reductions == 0)
  }
}

@Suite struct MonitorTests {
  @Test func everyNameIsReadBack() {
    for name in Monitor.names { #expect(Monitor(name)?.description == name) }
    #expect(Monitor("val.f1_macro") == .default)
    for name in ["f1_macro", "val.", "val.f2", "test.loss", ""] { #expect(Monitor(name) == nil) }
  }

  @Test func lossesFallAndScoresRise() {
    #expect(!Monitor.loss.risesWithQuality && !Monitor.trainingLoss.risesWithQuality)
    #expect(Monitor.default.risesWithQuality)
    #expect(!Monitor.metric(.logLoss).risesWithQuality)
  }
}

@Suite struct RateScheduleTests {
  @Test func warmUpRisesAndTheCosineFallsToZero() {
    let schedule = RateSchedule(.cosine, rate: 0.1, warmup: 4, steps: 24)
    #expect((0..<4).map { schedule.rate(step: $0) } == [0.025, 0.05, 0.075, 0.1])
    #expect(schedule.rate(step: 4) == 0.1)
    #expect(abs(schedule.rate(step: 14) - 0.05) < 1e-7)
    #expect(schedule.rate(step: 23) > 0 && schedule.rate(step: 23) < 0.001)
    #expect(abs(schedule.rate(step: 24)) < 1e-8)
  }

  @Test func constantStaysAndWarmUpTakesAtMostHalf() {
    let schedule = RateSchedule(.constant, rate: 0.1, warmup: 100, steps: 10)
    #expect(schedule.warmup == 5)
    #expect(schedule.rate(step: 0) > 0)
    #expect((5..<10).allSatisfy { schedule.rate(step: $0) == 0.1 })
    #expect(RateSchedule(.constant, rate: 0.1, warmup: 1, steps: 1).rate(step: 0) == 0.1)
  }
}

extension RateScheduleTests {
  /// The rates at the beginning, in the middle and near the end, as shares of the highest.
  @Test func theOtherSchedulesFallAsTheySay() {
    func shares(_ kind: TrainingSettings.Schedule) -> [Float] {
      let schedule = RateSchedule(kind, rate: 1, warmup: 0, steps: 1000)
      return [0, 300, 499, 500, 749, 750, 999].map { schedule.rate(step: $0) }
    }
    #expect(shares(.step) == [1, 1, 1, 0.1, 0.1, 0.01, 0.01])
    let exponential = shares(.exponential)
    #expect(exponential[0] == 1 && abs(exponential[3] - 0.1) < 1e-6 && abs(exponential[6] - 0.01) < 1e-4)
    let cycle = shares(.oneCycle)
    #expect(abs(cycle[0] - 0.04) < 1e-6 && abs(cycle[1] - 1) < 1e-6 && cycle[6] < 1e-4)
    #expect(cycle[2] > cycle[4] && cycle[4] > cycle[6])
    #expect(RateSchedule(.oneCycle, rate: 1, warmup: 50, steps: 100).warmup == 0)
    let plateau = RateSchedule(.plateau, rate: 1, warmup: 4, steps: 100)
    #expect(plateau.rate(step: 1) == 0.5 && plateau.rate(step: 50) == 1)
    #expect(abs(plateau.rate(step: 50, reductions: 2) - 0.09) < 1e-6)
  }
}
