import NunchiGraph
import NunchiKernels
import NunchiTensors

/// Operations whose result pixels are weighted sums of a few pixels.
extension Compiler {
  mutating func lowerResize(_ node: Graph.Node, _ rule: Resize) {
    let (rows, columns) = rule.axes(graph.type(node.inputs[0]).shape)
    addBlend(node, rule.name, rows, columns, channels: graph.type(node.outputs[0]).shape.channels)
  }

  mutating func lowerResizeGradient(_ node: Graph.Node, _ rule: ResizeGradient) {
    addBlend(node, rule.name, rule.axes.rows, rule.axes.columns, channels: graph.type(node.outputs[0]).shape.channels)
  }

  mutating func lowerGather(_ node: Graph.Node, _ name: String, axis: Int, _ taps: AxisTaps) {
    let whole = AxisTaps(inputs: 1, taps: [[AxisTaps.Tap(index: 0, weight: 1)]])
    let inner = graph.type(node.outputs[0]).shape.extents[(axis + 1)...].reduce(1, *)
    addBlend(node, name, whole, taps, channels: inner)
  }

  /// The input is seen as images of rows and columns, as far as the two maps reach.
  private mutating func addBlend(
    _ node: Graph.Node, _ name: String, _ rows: AxisTaps, _ columns: AxisTaps, channels: Int
  ) {
    let (from, to) = (slot(node.inputs[0]), result(node.outputs[0]))
    let (height, width) = (rows.taps.count, columns.taps.count)
    let images = extent(node.outputs[0]) / max(height * width * channels, 1)
    let size = rowsPerTask(width * channels)
    let imageRows = Extent(perRow: images.perRow * height, fixed: images.fixed * height)
    let multiplyAdds = graph.type(node.outputs[0]).shape.count * (rows.taps.map(\.count).max() ?? 0)
    add(
      Draft(
        name, "\(rows.inputs)x\(columns.inputs) to \(height)x\(width)", reads: [from], writes: [to],
        tasks: tasks(imageRows, of: size, batch: node.outputs[0]), multiplyAdds: multiplyAdds
      ) { link in
        .blend(
          BlendStep(
            x: link(from), y: link(to), rows: Self.table(rows, stride: columns.inputs * channels, link),
            columns: Self.table(columns, stride: channels, link), images: images, height: height, width: width,
            channels: channels, imageSize: rows.inputs * columns.inputs * channels, rowsPerTask: size))
      })
  }

  private static func table(_ axis: AxisTaps, stride: Int, _ link: Linker) -> TapTable {
    var starts: [Int64] = [0]
    for list in axis.taps { starts.append(starts.last! + Int64(list.count)) }
    let all = axis.taps.joined()
    return TapTable(
      starts: link.table(starts), offsets: link.table(all.map { $0.index * stride }),
      weights: link.table(all.map { Float($0.weight) }))
  }
}
