import NunchiGraph

/// The softmax cross-entropy of logits [n, classes], averaged over the rows.
///
/// - Parameters:
///   - targets: class indices [n] (Int32), or probabilities [n, classes] for soft labels.
///   - smoothing: the share of each target that is spread over all classes.
///   - weights: one a class; weights that average 1 over the training set keep the scale of the loss. The sum is
///     divided by the number of rows, never by the sum of weights, so that parts of a batch add up exactly.
public func crossEntropy(_ logits: Value, _ targets: Value, smoothing: Float = 0, weights: [Float]? = nil) -> Value {
  crossEntropyRows(logits, targets, smoothing: smoothing, weights: weights).losses.batchMean()
}

/// Σ (p − t)² / features, averaged over the rows; its gradient is 2 (p − t) / (features · rows).
public func meanSquaredError(_ predictions: Value, _ targets: Value) -> Value {
  guard let difference = checked("mean squared error", predictions, targets) else {
    return predictions.tracer.poisoned()
  }
  return rowMeans(power(difference.0 - difference.1, 2)).batchMean()
}

/// The cross-entropy of independent yes-or-no logits against targets in 0…1, averaged over features and rows.
public func binaryCrossEntropy(_ logits: Value, _ targets: Value) -> Value {
  guard let (x, t) = checked("binary cross-entropy", logits, targets) else { return logits.tracer.poisoned() }
  return rowMeans(x.tracer.add(.binary(Binary(.logisticLoss)), [x, t])[0]).batchMean()
}

/// Both, if neither is poisoned and their shapes are equal: broadcasting would turn [n] against [n, 1] into n².
private func checked(_ name: String, _ x: Value, _ targets: Value) -> (Value, Value)? {
  guard !x.isPoisoned, !targets.isPoisoned else { return nil }
  guard x.shape == targets.shape, x.shape.rank > 0 else {
    x.tracer.fail("\(name): predictions of shape \(x.shape) for targets of shape \(targets.shape)")
    return nil
  }
  return (x, targets)
}

private func rowMeans(_ x: Value) -> Value { x.shape.rank < 2 ? x : x.mean(axes: Array(1..<x.shape.rank)) }
