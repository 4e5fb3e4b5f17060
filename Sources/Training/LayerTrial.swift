import NunchiDatasets
import NunchiEngine
import NunchiGraph
import NunchiLayers

/// A forward pass that examines the output of every layer, to find the one where a network diverges.
///
/// It costs a plan and a workspace of its own, so it runs only when a training has diverged.
struct LayerTrial {
  private let graph: Graph
  /// The layers in the order in which they run. The graph has an output for each: the mean square of each row.
  private let layers: [String]
  private let rows: Int

  /// The largest root mean square that counts as in bounds. Usual outputs are a few units, badly scaled ones thousands.
  private static let largestRoot: Float = 1e6

  init(_ parts: TrainingNetwork.Parts, mode: Mode, rows: Int) throws {
    let tracer = Tracer(mode: mode)
    let image = parts.image
    let images = tracer.input("images", [rows, image.height, image.width, image.channels], .uint8)
    let pixels = parts.normalization(images)
    var layers: [String] = []
    let recorder = LayerRecorder { row, output in
      guard !row.isCompound, !output.isPoisoned else { return }
      tracer.output(String(layers.count), (output * output).mean(axes: Array(1..<output.shape.rank)))
      layers.append(row.path.isEmpty ? row.summary : "\(row.path) (\(row.summary))")
    }
    tracer.observer = recorder
    _ = parts.model(pixels)
    tracer.observer = nil
    graph = try tracer.finish()
    self.layers = layers
    self.rows = rows
  }

  /// The first layer whose output is out of bounds for one of the rows; the last layer where none is.
  func firstUnbounded(
    _ batch: borrowing Batch, _ weights: Weights, pool: WorkerPool, _ options: PlanOptions, _ state: RunState
  ) -> String {
    var weights = weights
    let workspace = Workspace(Plan(graph, layout: weights.layout, options: options), pool: pool)
    workspace.bind("images", batch.images.baseAddress!)
    workspace.run(&weights, rows: rows, state: state)
    let first = layers.indices.first { layer in
      // Written so that NaN counts as out of bounds.
      !workspace.output(String(layer)).floats.allSatisfy { $0 <= Self.largestRoot * Self.largestRoot }
    }
    return layers[first ?? layers.count - 1]
  }
}
