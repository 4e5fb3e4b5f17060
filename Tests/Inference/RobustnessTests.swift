import NunchiDatasets
import NunchiEngine
import NunchiInference
import Testing

@Suite(.serialized) struct RobustnessTests {
  private let pool = WorkerPool(threads: 1)

  private func data() -> Dataset {
    let pairs = grays([250, 220, 190, 160, 90, 60, 30, 5]).enumerated().map { (image: $1, label: $0 < 4 ? 0 : 1) }
    return Dataset(classes: ["day", "night"], train: [], test: pairs)
  }

  /// Darkness makes night of day, the more the stronger; what is flat stays so under blur and rotation.
  @Test func strengthsDoWhatTheySay() throws {
    let result = try Classifier(lightMeter(), pool: pool).robustness(data(), .test)
    #expect(result.images == 8 && result.correct == 8)
    func shares(_ disturbance: Disturbance) -> [Double] {
      result.rows.filter { $0.disturbance == disturbance }.map { result.share($0.correct) }
    }
    // 0.8 · 160 is still above the middle, 0.6 · 190 is not; at 0.4 · 250 everything is night.
    #expect(shares(.darkness) == [1, 0.75, 0.5, 0.5])
    #expect(shares(.blur) == [1, 1, 1, 1] && shares(.rotation) == [1, 1, 1, 1])
  }

  /// Neither threads nor batches show, and the seed does only in what is drawn.
  @Test func isReproducible() throws {
    // So near the middle that noise decides.
    let pairs = grays((0..<60).map { 123 + $0 % 9 }).map { (image: $0, label: 0) }
    let close = Dataset(classes: ["day", "night"], train: [], test: pairs)
    let first = try Classifier(lightMeter(), pool: pool, batch: 32).robustness(close, .test, threads: 0, seed: 4)
    let second = try Classifier(lightMeter(), pool: WorkerPool(threads: 2), batch: 7)
      .robustness(close, .test, threads: 2, seed: 4)
    #expect(first == second)
  }
}
