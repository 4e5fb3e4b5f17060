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

  @Test func whatIsNotANumberIsNeverBest() {
    #expect(run([.nan, 0.5, .nan], patience: nil).best == 2)
    #expect(run([0.5, .nan, .nan], patience: 2).stopped == 3)
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

@Suite struct ClassWeightsTests {
  @Test func weightsAverageOneOverTheImages() {
    for counts in [[95, 5], [10, 20, 400], [7, 0, 21]] {
      let weights = ClassWeights(.auto, counts: counts)
      let sum = zip(weights.values!, counts).reduce(0) { $0 + $1.0 * Float($1.1) }
      #expect(abs(sum / Float(counts.reduce(0, +)) - 1) < 1e-5)
      #expect(weights.values!.allSatisfy { $0.isFinite })
    }
    #expect(ClassWeights(.auto, counts: [95, 5]).values! == [100.0 / 190, 10])
  }

  @Test func balancedClassesAndNoneAreLeftAlone() {
    #expect(ClassWeights(.auto, counts: [100, 140]).values == nil)
    #expect(ClassWeights(.auto, counts: [100, 151]).values != nil)
    #expect(ClassWeights(.none, counts: [95, 5]).values == nil)
    #expect(ClassWeights(.auto, counts: [95, 5]).reason.contains("5 to 95"))
  }
}
