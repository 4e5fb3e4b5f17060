import NunchiGraph
import NunchiKernels
import NunchiTensors

/// Operations that compute each row of the result from the same row of the input alone.
extension Compiler {
  mutating func lowerStandardization(_ node: Graph.Node, _ rule: Standardization) {
    let (x, y, rstd) = (slot(node.inputs[0]), result(node.outputs[0]), result(node.outputs[1]))
    let shape = rowGroups(node.outputs[0], rowAxes: rule.rowAxes, groups: rule.groups)
    add(
      Draft(
        rule.name, reads: [x], writes: [y, rstd],
        tasks: tasks(shape.all, of: shape.groupsPerTask, batch: node.outputs[0])
      ) { link in
        .standardize(StandardizeStep(shape: shape, epsilon: rule.epsilon, x: link(x), y: link(y), rstd: link(rstd)))
      })
  }

  mutating func lowerStandardizationGradient(_ node: Graph.Node, _ rule: StandardizationGradient) {
    let (dy, y, rstd) = (slot(node.inputs[0]), slot(node.inputs[1]), slot(node.inputs[2]))
    let dx = result(node.outputs[0])
    let shape = rowGroups(node.outputs[0], rowAxes: rule.rowAxes, groups: rule.groups)
    add(
      Draft(
        rule.name, reads: [dy, y, rstd], writes: [dx],
        tasks: tasks(shape.all, of: shape.groupsPerTask, batch: node.outputs[0])
      ) { link in
        .standardizeGradient(
          StandardizeGradientStep(shape: shape, dy: link(dy), y: link(y), rstd: link(rstd), dx: link(dx)))
      })
  }

  private func rowGroups(_ value: ValueID, rowAxes: Int, groups: Int) -> RowGroups {
    let shape = graph.type(value).shape
    let perRow = shape.extents[rowAxes...].reduce(1, *)
    let pixels = perRow / shape.channels
    return RowGroups(
      rows: rows(value, columns: perRow), pixels: pixels, groups: groups, width: shape.channels / groups,
      groupsPerTask: rowsPerTask(perRow / groups))
  }

  mutating func lowerLocalResponse(_ node: Graph.Node, _ rule: LocalResponse) {
    let (x, y, d) = (slot(node.inputs[0]), result(node.outputs[0]), result(node.outputs[1]))
    let channels = graph.type(node.outputs[0]).shape.channels
    let (rows, size, response) = (rows(node.outputs[0], columns: channels), rowsPerTask(channels), response(rule))
    add(
      Draft(
        rule.name, reads: [x], writes: [y, d], tasks: tasks(rows, of: size, batch: node.outputs[0])
      ) { link in
        .response(
          ResponseStep(
            response: response, x: link(x), y: link(y), d: link(d), rows: rows, channels: channels, rowsPerTask: size))
      })
  }

  mutating func lowerLocalResponseGradient(_ node: Graph.Node, _ rule: LocalResponseGradient) {
    let (dy, x) = (slot(node.inputs[0]), slot(node.inputs[1]))
    let (y, d, dx) = (slot(node.inputs[2]), slot(node.inputs[3]), result(node.outputs[0]))
    let channels = graph.type(node.outputs[0]).shape.channels
    let (rows, size) = (rows(node.outputs[0], columns: channels), rowsPerTask(channels))
    let response = response(rule.forward)
    add(
      Draft(
        rule.name, reads: [dy, x, y, d], writes: [dx], tasks: tasks(rows, of: size, batch: node.outputs[0])
      ) { link in
        .responseGradient(
          ResponseGradientStep(
            response: response, dy: link(dy), x: link(x), y: link(y), d: link(d), dx: link(dx), rows: rows,
            channels: channels, rowsPerTask: size))
      })
  }

  private func response(_ rule: LocalResponse) -> nk_response {
    nk_response(
      before: Int64(rule.before), after: Int64(rule.after), scale: rule.alpha / Float(rule.size), beta: rule.beta,
      bias: rule.bias)
  }

  mutating func lowerSortRows(_ node: Graph.Node, _ rule: SortRows) {
    let x = slot(node.inputs[0])
    let (values, indices) = (result(node.outputs[0]), result(node.outputs[1]))
    let columns = graph.type(node.inputs[0]).shape.channels
    let (rows, size) = (rows(node.inputs[0], columns: columns), max(1, rowsPerTask(columns) / 8))
    add(
      Draft(
        rule.name, reads: [x], writes: [values, indices], tasks: tasks(rows, of: size, batch: node.inputs[0]),
        scratch: 2 * columns * MemoryLayout<Int32>.size
      ) { link in
        .sortRows(
          SortRowsStep(
            x: link(x), values: link(values), columnsOf: link(indices), rows: rows, columns: columns, kept: rule.kept,
            descending: rule.descending, rowsPerTask: size))
      })
  }
}
