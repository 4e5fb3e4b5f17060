import NunchiDatasets
import NunchiEngine
import NunchiGraph
import NunchiLayers
import NunchiTensors

/// A model in training: the plan of a step and the plan of validation over the same weights.
struct TrainingNetwork {
  let session: TrainingSession
  private let validation: Workspace
  private let classes: Int

  /// What a network is made of besides the settings.
  struct Parts {
    let model: any Layer
    let normalization: Normalization
    /// One image's height, width and channels.
    let image: (height: Int, width: Int, channels: Int)
    let classes: Int
    let classWeights: [Float]?
    /// The part that is not trained, where there is one.
    let trunk: FrozenTrunk?
  }

  init(_ parts: Parts, _ weights: Weights, _ settings: TrainingSettings, pool: WorkerPool, options: PlanOptions) throws
  {
    classes = parts.classes
    let loss = Loss(
      kind: settings.loss, classes: parts.classes, smoothing: settings.labelSmoothing, weights: parts.classWeights)
    session = try TuningFile.with(.preferred, threads: pool.threads, seconds: settings.tuning) { tuner in
      try TrainingSession(
        weights: weights, optimizer: settings.resolvedOptimizer, batch: settings.batch, seed: settings.seed, pool: pool,
        options: options, tuner: tuner
      ) { tracer, rows in
        let (outputs, labels) = Self.trace(parts, rows, tracer)
        return loss.rows(outputs, labels).batchMean()
      }
    }
    let plain = Loss(kind: settings.loss, classes: parts.classes, smoothing: 0, weights: nil)
    let graph = try NunchiGraph.trace(.inference) { tracer in
      let (outputs, labels) = Self.trace(parts, settings.batch, tracer)
      tracer.output("losses", plain.rows(outputs, labels))
      tracer.output("probabilities", softmax(outputs))
    }
    validation = Workspace(Plan(graph, layout: weights.layout, options: options), pool: pool)
  }

  private static func trace(_ parts: Parts, _ rows: Int, _ tracer: Tracer) -> (outputs: Value, labels: Value) {
    let shape: Shape = [rows, parts.image.height, parts.image.width, parts.image.channels]
    let images = tracer.input("images", shape, .uint8)
    let labels = tracer.input("labels", [rows], .int32)
    let pixels = parts.normalization(images)
    if tracer.mode == .training, let trunk = parts.trunk { return (trunk(pixels), labels) }
    return (parts.model(pixels), labels)
  }

  /// One step on a batch.
  func step(_ batch: borrowing Batch, rate: Float) throws -> (outcome: TrainingSession.Outcome, workspace: Workspace) {
    let workspace = try session.workspace(rows: batch.count)
    workspace.bind("images", batch.images.baseAddress!)
    workspace.bind("labels", batch.labels.baseAddress!)
    return (session.step(workspace, rows: batch.count, rate: rate), workspace)
  }

  /// The loss of each image, without smoothing and class weights, and its probabilities `[count, classes]`.
  func validate(_ batch: borrowing Batch, _ weights: Weights) -> (losses: [Float], probabilities: [Float]) {
    validation.bind("images", batch.images.baseAddress!)
    validation.bind("labels", batch.labels.baseAddress!)
    validation.run(reading: weights, rows: batch.count)
    return (validation.output("losses").floats, validation.output("probabilities").floats)
  }

  /// What is minimised, one number an image.
  private struct Loss {
    let kind: TrainingSettings.Loss
    let classes: Int
    let smoothing: Float
    let weights: [Float]?

    func rows(_ outputs: Value, _ labels: Value) -> Value {
      switch kind {
      case .crossEntropy: return crossEntropyRows(outputs, labels, smoothing: smoothing, weights: weights).losses
      case .focal:
        let losses = crossEntropyRows(outputs, labels, smoothing: smoothing, weights: weights).losses
        guard !losses.isPoisoned else { return losses }
        let truth = (softmax(outputs) * oneHot(labels, classes: classes)).sum(axes: [1])
        return losses * power(truth.scaled(by: -1, plus: 1), 2)
      case .mse:
        guard !outputs.isPoisoned else { return outputs }
        let truth = oneHot(labels, classes: classes)
        let targets = smoothing == 0 ? truth : truth.scaled(by: 1 - smoothing, plus: smoothing / Float(classes))
        let losses = power(outputs - targets, 2).mean(axes: [1])
        guard let weights else { return losses }
        return losses * (truth * truth.tracer.constant(Tensor([classes], weights))).sum(axes: [1])
      }
    }
  }
}
