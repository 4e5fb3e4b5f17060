/// Collects the answers of a classifier image by image and computes their metrics.
///
/// Areas under curves and `answers` need all probabilities (images · classes floats). Without them the memory does not
/// grow with the images.
package struct MetricsAccumulator: Sendable {
  package private(set) var confusion: ConfusionMatrix
  private var kept: Answers?
  private let ks: [Int]
  private var hits: [Int]
  private var measures = ProbabilityMeasures()

  /// - Parameters:
  ///   - topK: the k of top-k accuracies. A k of all classes or more is left out.
  ///   - keepsScores: whether to keep all probabilities.
  package init(classNames: [String], topK: [Int] = [3, 5], keepsScores: Bool = true) {
    confusion = ConfusionMatrix(classNames: classNames)
    kept = keepsScores ? Answers(classNames: classNames) : nil
    ks = topK.filter { 0 < $0 && $0 < classNames.count }
    hits = [Int](repeating: 0, count: ks.count)
  }

  package var images: Int { confusion.total }

  /// The answers so far, in order; `nil` where probabilities are not kept or an answer came without them.
  package var answers: Answers? { measures.images == images ? kept : nil }

  /// Counts one answer by its class alone.
  package mutating func add(truth: Int, predicted: Int) throws(EvaluationError) {
    try confusion.add(truth: truth, predicted: predicted)
  }

  /// Counts one answer by the probability of every class.
  ///
  /// - Parameter answer: the class answered; nil takes the most probable class, the first of equal ones.
  package mutating func add(
    truth: Int, probabilities: some RandomAccessCollection<Float>, answer: Int? = nil
  ) throws(EvaluationError) {
    let row = Array(probabilities)
    try Answers.check(row, image: images, classNames: confusion.classNames)
    let predicted = answer ?? Answers.predicted(row)
    try confusion.add(truth: truth, predicted: predicted)
    // Equally probable classes rank in their order, as in the prediction.
    let rank = row.indices.count { row[$0] > row[truth] || (row[$0] == row[truth] && $0 < truth) }
    for (index, k) in ks.enumerated() where rank < k { hits[index] += 1 }
    measures.add(row, truth: truth, predicted: predicted)
    kept?.append(truth: truth, predicted: predicted, row)
  }

  /// The metrics of all answers so far. Those that need probabilities are nil where an answer came without them.
  package func metrics(resamples: Int = 1000, seed: UInt64 = 0) throws(EvaluationError) -> ClassificationMetrics {
    var metrics = try ClassificationMetrics(confusion: confusion, resamples: resamples, seed: seed)
    guard measures.images == images else { return metrics }
    metrics.crossEntropy = measures.crossEntropy
    metrics.brier = measures.brier
    metrics.calibration = measures.calibration
    metrics.topK = zip(ks, hits).map {
      .init(k: $0, accuracy: ratio($1, images), interval: .wilson(successes: $1, of: images))
    }
    guard let answers else { return metrics }
    for index in metrics.classes.indices {
      let ranking = answers.ranking(of: index)
      metrics.classes[index].rocAUC = ranking.rocAUC
      metrics.classes[index].averagePrecision = ranking.averagePrecision
    }
    return metrics
  }
}
