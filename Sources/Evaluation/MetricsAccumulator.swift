/// Collects the answers of a classifier batch by batch.
///
/// Memory does not grow with the images unless the scores are kept, which ROC and precision-recall curves need
/// (images · classes floats).
public struct MetricsAccumulator: Sendable {
  public private(set) var confusion: ConfusionMatrix
  /// The kept scores, `[images, classes]`, and the true class of each row.
  public private(set) var scores: [Float] = []
  public private(set) var truths: [Int] = []
  private let keepsScores: Bool
  private let ks: [Int]
  private var hits: [Int]
  private var crossEntropySum = 0.0
  private var calibration = Calibration()
  private var withProbabilities = 0

  /// - Parameters:
  ///   - topK: the ks to count; those that every answer would satisfy are left out.
  ///   - keepsScores: whether areas under curves are wanted.
  public init(classNames: [String], topK: [Int] = [3, 5], keepsScores: Bool = false) {
    confusion = ConfusionMatrix(classNames: classNames)
    self.keepsScores = keepsScores
    ks = topK.filter { 0 < $0 && $0 < classNames.count }
    hits = [Int](repeating: 0, count: ks.count)
  }

  public var images: Int { confusion.total }

  /// Counts one answer by its class alone.
  public mutating func add(truth: Int, predicted: Int) throws(EvaluationError) {
    try confusion.add(truth: truth, predicted: predicted)
  }

  /// Counts one answer by the probability of every class; the first of the most probable ones is the prediction.
  public mutating func add(truth: Int, probabilities: some RandomAccessCollection<Float>) throws(EvaluationError) {
    let row = Array(probabilities)
    guard row.count == confusion.classes else {
      throw .countMismatch(what: "probabilities of an image", expected: confusion.classes, found: row.count)
    }
    if let bad = row.firstIndex(where: { !$0.isFinite }) {
      throw .notFinite(image: images, className: confusion.classNames[bad])
    }
    let predicted = row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
    try confusion.add(truth: truth, predicted: predicted)
    withProbabilities += 1
    // A class ranks behind those more probable and those as probable before it, as the prediction does.
    let rank = row.indices.count { row[$0] > row[truth] || (row[$0] == row[truth] && $0 < truth) }
    for (index, k) in ks.enumerated() where rank < k { hits[index] += 1 }
    crossEntropySum -= logarithm(max(Double(row[truth]), .ulpOfOne))
    calibration.add(confidence: Double(row[predicted]), correct: predicted == truth)
    if keepsScores {
      scores += row
      truths.append(truth)
    }
  }

  /// The metrics of everything so far. Numbers that need probabilities are there when every answer came with them.
  public func metrics(resamples: Int = 1000, seed: UInt64 = 0) throws(EvaluationError) -> ClassificationMetrics {
    var metrics = try ClassificationMetrics(confusion: confusion, resamples: resamples, seed: seed)
    guard withProbabilities == images else { return metrics }
    metrics.crossEntropy = crossEntropySum / Double(images)
    metrics.calibration = calibration
    metrics.topK = zip(ks, hits).map { .init(k: $0, accuracy: ratio($1, images)) }
    if keepsScores {
      for index in metrics.classes.indices {
        let ranking = ranking(of: index)
        metrics.classes[index].rocAUC = ranking.rocAUC
        metrics.classes[index].averagePrecision = ranking.averagePrecision
      }
    }
    return metrics
  }

  /// The images whose scores were kept, ranked by the class `index`.
  public func ranking(of index: Int) -> Ranking {
    let classes = confusion.classes
    return Ranking(
      scores: truths.indices.map { scores[$0 * classes + index] }, positive: truths.map { $0 == index })
  }
}
