import NunchiDatasets
import NunchiEngine
import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiTensors

/// A network in training: the plans for training and for validation, over the same weights.
struct TrainingNetwork {
  let session: TrainingSession
  private let validation: Workspace
  private let classes: Int
  /// Whether targets are shares of the classes, as mixed images need, instead of labels.
  private let takesShares: Bool
  private let shape: PictureShape
  private let seed: UInt64
  private let parts: Parts
  private let pool: WorkerPool
  private let options: PlanOptions

  /// What a training network is built from, besides the settings.
  struct Parts {
    let model: any Layer
    let normalization: Normalization
    /// Height, width and channels of an image.
    let image: (height: Int, width: Int, channels: Int)
    let classes: Int
    let classWeights: [Float]?
    /// The frozen part of the network, where there is one.
    let trunk: FrozenTrunk?
  }

  init(_ parts: Parts, _ weights: Weights, _ settings: TrainingSettings, pool: WorkerPool, options: PlanOptions) throws
  {
    classes = parts.classes
    takesShares = Self.takesShares(settings)
    shape = PictureShape(width: parts.image.width, height: parts.image.height, channels: parts.image.channels)
    seed = settings.seed
    (self.parts, self.pool, self.options) = (parts, pool, options)
    session = try TuningFile.with(.preferred, threads: pool.threads, seconds: settings.tuning) { tuner in
      try TrainingSession(
        weights: weights, optimizer: settings.optimizer, batch: settings.batch, seed: settings.seed, pool: pool,
        options: options, tuner: tuner, parts: settings.accumulation > 1
      ) { tracer, rows in Self.loss(parts, settings, tracer, rows) }
    }
    let graph = try Self.validationGraph(parts, settings, batch: settings.batch)
    validation = Workspace(Plan(graph, layout: weights.layout, options: options), pool: pool)
  }

  /// The plans of a training, without workspaces.
  static func plans(
    _ parts: Parts, _ layout: WeightsLayout, _ settings: TrainingSettings, batch: Int, _ options: PlanOptions
  ) throws -> (training: Plan, validation: Plan) {
    let training = try TrainingSession.graph(layout, batch) { Self.loss(parts, settings, $0, $1) }
    let validation = try validationGraph(parts, settings, batch: batch)
    return (
      Plan(training, layout: layout, options: options), Plan(validation, layout: layout, options: options)
    )
  }

  private static func takesShares(_ settings: TrainingSettings) -> Bool { settings.mixing.mixing != .none }

  /// The loss that a step minimises.
  private static func loss(_ parts: Parts, _ settings: TrainingSettings, _ tracer: Tracer, _ rows: Int) -> Value {
    let targets =
      takesShares(settings)
      ? tracer.input("targets", [rows, parts.classes], .float32) : tracer.input("labels", [rows], .int32)
    return settings.loss(
      outputs(parts, rows, tracer), targets, smoothing: settings.labelSmoothing, weights: parts.classWeights)
  }

  private static func validationGraph(_ parts: Parts, _ settings: TrainingSettings, batch: Int) throws -> Graph {
    try NunchiGraph.trace(.inference) { tracer in
      let labels = tracer.input("labels", [batch], .int32)
      let outputs = outputs(parts, batch, tracer)
      tracer.output("losses", settings.loss.rows(outputs, labels))
      tracer.output("probabilities", softmax(outputs))
    }
  }

  private static func outputs(_ parts: Parts, _ rows: Int, _ tracer: Tracer) -> Value {
    let shape: Shape = [rows, parts.image.height, parts.image.width, parts.image.channels]
    let images = tracer.input("images", shape, .uint8)
    let pixels = parts.normalization(images)
    if tracer.mode == .training, let trunk = parts.trunk { return trunk(pixels) }
    return parts.model(pixels)
  }

  /// Runs forward and backward on a batch, whose images are mixed in place. Returns the workspace, for the update, and
  /// the loss.
  ///
  /// - Parameters:
  ///   - mixing: the mixing of this epoch, which may be none.
  ///   - epoch: the epoch, counted from 0.
  func add(_ batch: borrowing Batch, _ mixing: Mixing, epoch: Int) throws -> (workspace: Workspace, loss: Float) {
    let workspace = try session.workspace(rows: batch.count)
    workspace.bind("images", batch.images.baseAddress!)
    guard takesShares else {
      workspace.bind("labels", batch.labels.baseAddress!)
      return (workspace, session.add(workspace, rows: batch.count))
    }
    let targets = mixing.apply(
      images: batch.pixels, labels: batch.labels, shape, classes: classes, seed: seed, epoch: epoch,
      batch: batch.number)
    let (count, session) = (batch.count, session)
    return targets.withUnsafeBytes { targets in
      workspace.bind("targets", targets.baseAddress!)
      return (workspace, session.add(workspace, rows: count))
    }
  }

  /// The loss of each image, without smoothing and class weights, and its probabilities `[count, classes]`.
  func validate(_ batch: borrowing Batch, _ weights: Weights) -> (losses: [Float], probabilities: [Float]) {
    validation.bind("images", batch.images.baseAddress!)
    validation.bind("labels", batch.labels.baseAddress!)
    validation.run(reading: weights, rows: batch.count)
    return (validation.output("losses").floats, validation.output("probabilities").floats)
  }

  /// The first layer whose outputs are out of bounds for a batch that diverged. The batch is mixed already where the
  /// training mixes.
  func firstUnbounded(_ batch: borrowing Batch, _ pass: Divergence.Pass, _ weights: Weights) throws -> String {
    // A frozen trunk runs as in inference.
    let mode: Mode = pass == .training && parts.trunk == nil ? .training : .inference
    let state = RunState(seed: seed, step: session.state.step, divisor: batch.count)
    return try LayerTrial(parts, mode: mode, rows: batch.count)
      .firstUnbounded(batch, weights, pool: pool, options, state)
  }
}
