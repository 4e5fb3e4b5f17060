import NunchiGraph
import NunchiTensors

/// Notes each layer that runs during a trace: its name in the network, what it recorded and what it returned.
package final class LayerRecorder {
  package struct Row {
    /// Where the layer stands, such as `layer1.0.conv1`.
    package var path: String
    package var summary: String
    package var output: Shape
    package var parameters: [Parameter]
    package var multiplyAdds: Int
    /// Whether layers ran inside, which have rows of their own.
    package var isCompound: Bool
  }

  private struct Frame {
    var path: String
    var firstNode: Int
    var row: Int
    /// Layers inside that did not run yet.
    var waiting: [NamedLayer]
    var unnamed = 0
  }

  /// In the order in which the layers began.
  package private(set) var rows: [Row] = []
  private var frames: [Frame] = []
  private let visit: (Row, Value) -> Void

  /// - Parameter visit: called with each layer's row and what it returned, layers inside others first.
  package init(_ visit: @escaping (Row, Value) -> Void = { _, _ in }) { self.visit = visit }

  func enter(_ layer: any Layer, _ tracer: Tracer) {
    let path = frames.isEmpty ? "" : joined(frames[frames.count - 1].path, name(of: layer))
    frames.append(Frame(path: path, firstNode: tracer.graph.nodes.count, row: rows.count, waiting: layer.sublayers))
    let parameters = layer.parameters.map(\.parameter)
    rows.append(
      Row(
        path: path, summary: layer.summary, output: .scalar, parameters: parameters, multiplyAdds: 0, isCompound: false)
    )
  }

  func leave(_ layer: any Layer, _ output: Value) {
    let frame = frames.removeLast()
    let graph = output.tracer.graph
    rows[frame.row].output = output.shape
    rows[frame.row].isCompound = rows.count > frame.row + 1
    rows[frame.row].multiplyAdds = graph.nodes[frame.firstNode...].reduce(0) { sum, node in
      sum + node.operation.rule.multiplyAdds(node.inputs.map(graph.type), node.outputs.map(graph.type))
    }
    visit(rows[frame.row], output)
  }

  /// The name under which the running layer lists `layer`: the first one not yet used that looks the same.
  private func name(of layer: any Layer) -> String {
    let parameters = layer.namedParameters().map(\.parameter)
    let top = frames.count - 1
    let index = frames[top].waiting.firstIndex {
      $0.layer.summary == layer.summary && $0.layer.namedParameters().map(\.parameter) == parameters
    }
    if let index { return frames[top].waiting.remove(at: index).name }
    frames[top].unnamed += 1
    return layer.summary.prefix { $0 != "(" } + "#\(frames[top].unnamed)"
  }
}
