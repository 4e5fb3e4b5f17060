import NunchiDatasets
import NunchiEngine
import NunchiInference
import Testing

@Suite struct AnswerTimingTests {
  @Test func timingCounts() throws {
    let data = Dataset(classes: ["day", "night"], train: grays([1, 250, 3]).map { ($0, 0) })
    let timing = try AnswerTiming(lightMeter(), data, .train, pool: WorkerPool(threads: 1), seconds: 0)
    #expect(timing.batch == 3 && timing.singles == 1)
    #expect(timing.percentile(0.5) == timing.percentile(0.95) && timing.imagesPerSecond > 0)
  }
}
