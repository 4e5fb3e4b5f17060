import NunchiGraph
import NunchiTensors

/// What training minimises: a value that has a name and traces itself.
///
///     let loss = Loss.crossEntropy(logits, labels, smoothing: 0.1)
public enum Loss: String, Sendable, Hashable, CaseIterable {
  /// −Σ target · log softmax(outputs)
  case crossEntropy = "cross-entropy"
  /// Σ (output − target)² / features of the raw outputs; its gradient is 2 (output − target) / features. On softmax outputs
  /// the gradient would vanish with the answers, and training stay at chance.
  case mse
  /// (1 − p)² times the cross-entropy, p the probability of the truth: easy rows count little.
  case focal
  /// The cross-entropy of independent yes-or-no logits against targets in 0…1, averaged over the features.
  case binaryCrossEntropy = "binary-cross-entropy"

  /// Those that suit rows of one class each.
  public static let ofClasses: [Loss] = [.crossEntropy, .mse, .focal]

  /// The mean over the rows: what a training step differentiates.
  ///
  /// - Parameters:
  ///   - outputs: `[n, classes]`, before any softmax, or `[n, …, classes]` where every pixel has a class; the two losses that
  ///     compare feature by feature take any shape.
  ///   - targets: class indices `[n]` or `[n, …]` (Int32), or shares of the classes in the shape of the outputs.
  ///   - smoothing: the share of each target that is spread over all classes.
  ///   - weights: how much each class counts, one a class; where a target is shared, by its shares. Weights that average 1
  ///     over the training set keep the scale of the loss: the sum is divided by the number of rows, never by the sum of
  ///     weights, so that parts of a batch add up exactly.
  public func callAsFunction(
    _ outputs: Value, _ targets: Value, smoothing: Float = 0, weights: [Float]? = nil
  ) -> Value {
    rows(outputs, targets, smoothing: smoothing, weights: weights).batchMean()
  }

  /// One number a row; of pixels with a class each, one a pixel.
  public func rows(_ outputs: Value, _ targets: Value, smoothing: Float = 0, weights: [Float]? = nil) -> Value {
    switch self {
    case .crossEntropy: return crossEntropyRows(outputs, targets, smoothing: smoothing, weights: weights).losses
    case .focal:
      let losses = crossEntropyRows(outputs, targets, smoothing: smoothing, weights: weights).losses
      guard !losses.isPoisoned else { return losses }
      let truth = (softmax(outputs) * Self.shares(targets, like: outputs)).sum(axes: [outputs.shape.rank - 1])
      return losses * power(truth.scaled(by: -1, plus: 1), 2)
    case .mse: return each(outputs, targets, smoothing, weights) { power($0 - $1, 2) }
    case .binaryCrossEntropy:
      return each(outputs, targets, smoothing, weights) { $0.tracer.add(.binary(Binary(.logisticLoss)), [$0, $1])[0] }
    }
  }

  /// The mean over the features of a loss that compares them one by one.
  private func each(
    _ outputs: Value, _ targets: Value, _ smoothing: Float, _ weights: [Float]?, _ loss: (Value, Value) -> Value
  ) -> Value {
    guard !outputs.isPoisoned, !targets.isPoisoned else { return outputs.tracer.poisoned() }
    let truth = Self.shares(targets, like: outputs)
    // Broadcasting would turn [n] against [n, 1] into n².
    guard outputs.shape == truth.shape, outputs.shape.rank > 0 else {
      outputs.tracer.fail("\(words): predictions of shape \(outputs.shape) for targets of shape \(truth.shape)")
      return outputs.tracer.poisoned()
    }
    let rank = outputs.shape.rank
    let classes = rank < 2 ? 1 : outputs.shape[rank - 1]
    let smooth = smoothing == 0 ? truth : truth.scaled(by: 1 - smoothing, plus: smoothing / Float(classes))
    let compared = loss(outputs, smooth)
    guard rank > 1 else { return compared }
    let losses = compared.mean(axes: Array(1..<rank))
    guard let weights else { return losses }
    return losses * (truth * truth.tracer.constant(Tensor([classes], weights))).sum(axes: Array(1..<rank))
  }

  private var words: String {
    switch self {
    case .crossEntropy: "cross-entropy"
    case .mse: "mean squared error"
    case .focal: "focal loss"
    case .binaryCrossEntropy: "binary cross-entropy"
    }
  }

  /// Indices of classes as shares of one.
  private static func shares(_ targets: Value, like outputs: Value) -> Value {
    guard targets.dataType == .int32, outputs.shape.rank > targets.shape.rank else { return targets }
    return oneHot(targets, classes: outputs.shape.channels)
  }
}
