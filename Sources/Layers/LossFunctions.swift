import NunchiGraph
import NunchiTensors

/// The softmax cross-entropy of logits [n, …, classes] where rows may have no target.
///
/// - Parameters:
///   - targets: class indices [n, …] (Int32).
///   - ignored: the index of rows without a target. Their loss and gradient are 0.
///   - smoothing: the share of each target that is spread over all classes.
///   - weights: one a class.
///   - count: what the sum is divided by, such as an input with the number of targets in the whole batch, whose parts then
///     add up exactly; nil: the rows that have one here.
public func crossEntropy(
  _ logits: Value, _ targets: Value, ignoring ignored: Int, smoothing: Float = 0, weights: [Float]? = nil,
  dividedBy count: Value? = nil
) -> Value {
  let rows = crossEntropyRows(logits, targets, smoothing: smoothing, weights: weights, ignoring: ignored).losses
  return rows.isPoisoned ? rows : rows.batchSum(dividedBy: count ?? counted(targets, ignoring: ignored))
}

/// |p − t|, rounded off near 0: (p − t)² / (2 · beta) where the distance is below beta, else that less beta / 2. Averaged
/// over features and rows.
///
/// - Parameters:
///   - beta: 0 gives the magnitude itself.
///   - weights: one an element, or one a row: [n] or [n, …] with as many axes as lead the predictions.
public func smoothL1(_ predictions: Value, _ targets: Value, beta: Float = 1, weights: Value? = nil) -> Value {
  guard beta >= 0, beta.isFinite else {
    predictions.tracer.fail("smooth L1: beta must be finite and not negative, got \(beta)")
    return predictions.tracer.poisoned()
  }
  return weighted("smooth L1", predictions, targets, weights) { smoothAbsolute($0 - $1, beta: beta) }
}

/// The cross-entropy of independent yes-or-no logits against targets in 0…1, each times its weight. Averaged over features
/// and rows.
///
/// - Parameter weights: one an element, or one a row: [n] or [n, …] with as many axes as lead the logits.
public func binaryCrossEntropy(_ logits: Value, _ targets: Value, weights: Value) -> Value {
  weighted("binary cross-entropy", logits, targets, weights) {
    $0.tracer.add(.binary(Binary(.logisticLoss)), [$0, $1])[0]
  }
}

private func weighted(
  _ name: String, _ x: Value, _ targets: Value, _ weights: Value?, _ each: (Value, Value) -> Value
) -> Value {
  guard !x.isPoisoned, !targets.isPoisoned, weights.map({ !$0.isPoisoned }) ?? true else { return x.tracer.poisoned() }
  // Broadcasting would turn [n] against [n, 1] into n².
  guard x.shape == targets.shape, x.shape.rank > 0 else {
    x.tracer.fail("\(name): predictions of shape \(x.shape) for targets of shape \(targets.shape)")
    return x.tracer.poisoned()
  }
  var losses = each(x, targets)
  if let weights {
    let extents = weights.shape.extents
    guard !extents.isEmpty, extents == Array(x.shape.extents.prefix(extents.count)) else {
      x.tracer.fail("\(name): weights of shape \(weights.shape) for predictions of shape \(x.shape)")
      return x.tracer.poisoned()
    }
    losses =
      losses
      * weights.reshaped(to: Shape(extents + [Int](repeating: 1, count: x.shape.rank - extents.count)))
  }
  return (x.shape.rank < 2 ? losses : losses.mean(axes: Array(1..<x.shape.rank))).batchMean()
}
