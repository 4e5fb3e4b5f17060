import NunchiGraph
import NunchiKernels
import NunchiTensors

/// Losses; a task takes some rows.
extension Compiler {
  mutating func lowerCrossEntropy(_ node: Graph.Node, _ rule: CrossEntropy) {
    let (x, target) = (slot(node.inputs[0]), slot(node.inputs[1]))
    let (loss, probabilities) = (result(node.outputs[0]), result(node.outputs[1]))
    let weights = rule.weights.map { constant(Tensor([$0.count], $0)) }
    let (constants, tasks) = crossEntropyConstants(rule, logits: node.inputs[0], target: node.inputs[1], weights)
    add(
      Draft(
        rule.name, reads: [x, target] + (weights.map { [$0] } ?? []), writes: [loss, probabilities], tasks: tasks
      ) { link in
        .crossEntropy(
          CrossEntropyStep(
            constants: constants(&link), x: link(x), loss: link(loss), probabilities: link(probabilities)))
      })
  }

  mutating func lowerCrossEntropyGradient(_ node: Graph.Node, _ rule: CrossEntropy) {
    let (dLoss, probabilities) = (slot(node.inputs[0]), slot(node.inputs[1]))
    let (target, dx) = (slot(node.inputs[2]), result(node.outputs[0]))
    let weights = rule.weights.map { constant(Tensor([$0.count], $0)) }
    let (constants, tasks) = crossEntropyConstants(rule, logits: node.inputs[1], target: node.inputs[2], weights)
    add(
      Draft(
        rule.name + "-gradient", reads: [dLoss, probabilities, target] + (weights.map { [$0] } ?? []), writes: [dx],
        tasks: tasks
      ) { link in
        .crossEntropyGradient(
          CrossEntropyGradientStep(
            constants: constants(&link), dLoss: link(dLoss), probabilities: link(probabilities), dx: link(dx)))
      })
  }

  private func crossEntropyConstants(
    _ rule: CrossEntropy, logits: ValueID, target: ValueID, _ weights: Slot?
  ) -> (constants: (inout Linker) -> CrossEntropyConstants, tasks: Int) {
    let classes = graph.type(logits).shape.channels
    let (rows, size) = (rows(logits, columns: classes), rowsPerTask(classes))
    let place = slot(target)
    let isIndex = graph.type(target).dataType == .int32
    return (
      { link in
        CrossEntropyConstants(
          target: link(place), targetIsIndex: isIndex, weights: weights.map { link($0) }, smoothing: rule.smoothing,
          ignored: rule.ignoring ?? Int32(NK_NONE), rows: rows, classes: classes, rowsPerTask: size)
      }, tasks(rows, of: size, batch: logits)
    )
  }

  mutating func lowerBatchMean(_ node: Graph.Node, _ rule: BatchMean) {
    let (x, y) = (node.inputs[0], result(node.outputs[0]))
    var (source, rows) = (slot(x), extent(x))
    let count = graph.type(x).shape.count
    // Many numbers are summed in chunks side by side.
    if count > 2 * elementsPerTask {
      let sum = buffer(floats: 1)
      addChunkedSum("batch-sum", from: source, rows, count, columns: 1, to: sum)
      (source, rows) = (sum, .fixed(1))
    }
    let (from, extent) = (source, rows)
    add(
      Draft("batch-mean", reads: [from], writes: [y], dependsOnRun: true) {
        .batchMean(BatchMeanStep(x: $0(from), y: $0(y), rows: extent, perRow: Float(rule.perRow)))
      })
  }

  mutating func lowerBatchMeanGradient(_ node: Graph.Node, _ rule: BatchMeanGradient) {
    let (dy, dx, rows) = (slot(node.inputs[0]), result(node.outputs[0]), extent(node.outputs[0]))
    add(
      Draft(
        "batch-mean-gradient", reads: [dy], writes: [dx],
        tasks: tasks(rows, of: elementsPerTask, batch: node.outputs[0]),
        dependsOnRun: true
      ) { link in
        .batchMeanGradient(BatchMeanGradientStep(dy: link(dy), dx: link(dx), rows: rows, perRow: Float(rule.perRow)))
      })
  }
}
