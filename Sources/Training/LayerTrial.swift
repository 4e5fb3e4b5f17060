import NunchiDatasets
import NunchiEngine
import NunchiGraph
import NunchiLayers

/// A forward pass that looks at what each layer gives, to find the one at which a network leaves all bounds.
///
/// Costs a plan and a workspace of its own: it is for the error that ends a training.
struct LayerTrial {
  private let graph: Graph
  /// The layers in the order in which they run, each with an output of the graph: the mean square of each row.
  private let layers: [String]
  private let rows: Int

  /// Outputs are some units large, and thousands where a network is badly scaled.
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

  /// The first layer that gives numbers out of bounds for one of the rows; where none does, the last one, of which the loss
  /// is made.
  func firstUnbounded(
    _ batch: borrowing Batch, _ weights: Weights, pool: WorkerPool, _ options: PlanOptions, _ state: RunState
  ) -> String {
    var weights = weights
    let workspace = Workspace(Plan(graph, layout: weights.layout, options: options), pool: pool)
    workspace.bind("images", batch.images.baseAddress!)
    workspace.run(&weights, rows: rows, state: state)
    let first = layers.indices.first { layer in
      // Written so that NaN is out of bounds.
      !workspace.output(String(layer)).floats.allSatisfy { $0 <= Self.largestRoot * Self.largestRoot }
    }
    return layers[first ?? layers.count - 1]
  }
}
