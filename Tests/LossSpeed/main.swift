import NunchiEngine
import NunchiGraph
import NunchiTensors

// Times a cross-entropy over every pixel of sixteen pictures of 360x480 with eleven classes, and its gradient, on one thread
// and on two: the best of seven rounds each, in turn. Run it on an idle machine.
let shape: Shape = [16, 360, 480, 11]
let scale = Parameter([11], role: .weight, initializer: .ones)
let layout = WeightsLayout([(name: "scale", parameter: scale)])
let graph = try trace(.training) { tracer in
  let logits = tracer.input("logits", shape) * tracer.parameter(scale)
  let rows = crossEntropyRows(logits, tracer.input("targets", [16, 360, 480], .int32), ignoring: 255)
  tracer.output("loss", rows.losses.batchMean())
  try tracer.differentiate(rows.losses.batchMean(), for: [scale])
}
let plan = Plan(graph, layout: layout)
let workspaces = [1, 2].map { Workspace(plan, pool: WorkerPool(threads: $0)) }
var stream = RandomStream(seed: 1, name: "losses")
let logits = (0..<shape.count).map { _ in stream.uniform(-3...3) }
let targets = (0..<shape.count / 11).map { $0 % 50 == 0 ? 255 : Int32($0 % 11) }

/// Seconds of the loss's steps, and of all steps.
func seconds(_ workspace: Workspace, _ weights: inout Weights) -> (loss: Double, all: Double) {
  let times = workspace.profile(&weights, rows: 16)
  let losses = times.filter { $0.step.name.hasPrefix("cross-entropy") || $0.step.name.hasPrefix("batch-") }
  return (losses.reduce(0) { $0 + $1.seconds }, times.reduce(0) { $0 + $1.seconds })
}

logits.withUnsafeBytes { logits in
  targets.withUnsafeBytes { targets in
    var weights = Weights(layout, seed: 0)
    for workspace in workspaces {
      workspace.bind("logits", logits.baseAddress!)
      workspace.bind("targets", targets.baseAddress!)
    }
    var best = [(loss: Double, all: Double)](repeating: (.infinity, .infinity), count: 2)
    for _ in 0..<7 {
      for (index, workspace) in workspaces.enumerated() {
        let round = seconds(workspace, &weights)
        best[index] = (min(best[index].loss, round.loss), min(best[index].all, round.all))
      }
    }
    for (threads, best) in zip(["1 thread", "2 threads"], best) {
      print("\(threads): loss and gradient \(best.loss * 1000) ms, with what is around them \(best.all * 1000) ms")
    }
    print("ratio \(best[0].loss / best[1].loss)")
    precondition(workspaces[0].scalar("loss") == workspaces[1].scalar("loss"), "threads change the bits")
  }
}
