import NunchiEngine
import NunchiGraph
import NunchiLayers
import NunchiTensors
import Testing

/// The steps of a run, timed one by one.
@Suite(.serialized) struct ProfileTests {
  private static let row: Shape = [9, 9, 3]
  private static let model = Sequential {
    Conv2D(3, 8, kernel: 3)
    ReLU()
    MaxPool2D(2)
    Flatten()
    Dense(72, 5)
  }

  /// All steps are there, in their order, and their times have room in the time of the whole.
  @Test func timesEveryStep() throws {
    let data = TrainingData(rows: 6, row: Self.row, classes: 5)
    let session = try session(Self.model, Self.row, batch: 6, threads: 2)
    _ = try data.train(session, batch: 6, steps: 1, last: 6)
    let workspace = try session.workspace(rows: 6)
    var times: [StepTime] = []
    let whole = data.bound(to: workspace) {
      ContinuousClock().measure { times = session.profile(workspace, rows: 6) }
    }
    let expected = workspace.plan.costs.map(\.name) + ["gradient-norm", "update", "update"]
    #expect(times.map(\.step.name) == expected)
    #expect(times.allSatisfy { $0.seconds > 0 })
    #expect(times.reduce(0) { $0 + $1.seconds } < whole / .seconds(1))
  }

  /// Profiling computes what a run computes, and leaves the parameters alone.
  @Test func computesWhatARunComputes() throws {
    let data = TrainingData(rows: 6, row: Self.row, classes: 5)
    let session = try session(Self.model, Self.row, batch: 6, threads: 2, options: PlanOptions(checked: true))
    let before = bits(session.weights)
    let workspace = try session.workspace(rows: 6)
    data.bound(to: workspace) {
      _ = session.profile(workspace, rows: 6)
      let loss = workspace.scalar("loss")
      #expect(loss > 0 && bits(session.weights) == before)
      #expect(session.step(workspace, rows: 6, rate: 0).loss == loss)
    }
  }

  /// A convolution reads image, weights and bias once and writes its result; a copy touches only what it moves.
  @Test func countsBytes() throws {
    let (k, b) = (weight(3, 3, 2, 16), weight(16))
    let layout = WeightsLayout([("k", k), ("b", b)])
    let graph = try trace(.inference) { tracer in
      let y = tracer.input("x", [4, 10, 10, 2])
      tracer.output("y", convolve(y, tracer.parameter(k)) + tracer.parameter(b))
      tracer.output("slice", tracer.input("z", [4, 8]).sliced(axis: 1, from: 2, count: 3))
    }
    let costs = Plan(graph, layout: layout).costs
    let convolution = try #require(costs.first { $0.name.hasPrefix("convolution") })
    #expect(convolution.bytes == 4 * (4 * 10 * 10 * 2 + 3 * 3 * 2 * 16 + 16 + 4 * 8 * 8 * 16))
    #expect(convolution.multiplyAdds == 4 * 8 * 8 * 16 * 18)
    let slice = try #require(costs.first { $0.name == "slice" })
    #expect(slice.bytes == 2 * 4 * 4 * 3)
  }
}
