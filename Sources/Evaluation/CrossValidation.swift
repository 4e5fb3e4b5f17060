/// The metrics of several folds, with mean and deviation.
package struct CrossValidation: Hashable, Sendable {
  /// A number of every fold, with mean and deviation.
  package struct Spread: Hashable, Sendable {
    package let values: [Double]
    package let mean: Double
    /// The standard deviation of the folds, with the divisor n − 1; 0 for one value. It is not the error of the mean,
    /// because folds share most of their training images.
    package let deviation: Double

    /// - Parameter values: at least one.
    package init(_ values: [Double]) {
      precondition(!values.isEmpty, "a mean needs a value")
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      self.values = values
      self.mean = mean
      deviation = values.count < 2 ? 0 : (squares / Double(values.count - 1)).squareRoot()
    }

    /// Such as "0.9120 ± 0.0134".
    package var text: String { "\(decimal(mean)) ± \(decimal(deviation))" }
  }

  /// The metrics of each fold, in order.
  package let folds: [ClassificationMetrics]

  package init(folds: [ClassificationMetrics]) throws(EvaluationError) {
    guard !folds.isEmpty else { throw .empty }
    self.folds = folds
  }

  /// A metric over the folds; `nil` where one of them lacks it.
  package subscript(metric: Metric) -> Spread? {
    let values = folds.compactMap { $0[metric] }
    return values.count == folds.count ? Spread(values) : nil
  }
}
