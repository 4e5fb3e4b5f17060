/// A classifier's answers to a list of images, image by image. Curves, thresholds, mistakes and comparisons are
/// computed from them.
package struct Answers: Hashable, Sendable {
  package let classNames: [String]
  /// The true class of each image.
  package private(set) var truths: [Int] = []
  /// The class answered for each image.
  package private(set) var predicted: [Int] = []
  /// The probability of each class for each image: `[images, classes]`, row-major.
  package private(set) var probabilities: [Float] = []

  /// No images yet.
  init(classNames: [String]) { self.classNames = classNames }

  /// From the probabilities of every class, `[images, classes]` row-major.
  ///
  /// - Parameter predicted: the class answered for each image; nil takes the most probable class, the first of equal
  ///   ones.
  package init(
    truths: [Int], predicted: [Int]? = nil, probabilities: [Float], classNames: [String]
  ) throws(EvaluationError) {
    let classes = classNames.count
    guard predicted?.count ?? truths.count == truths.count else {
      throw .countMismatch(what: "predictions", expected: truths.count, found: predicted?.count ?? 0)
    }
    guard probabilities.count == truths.count * classes else {
      throw .countMismatch(what: "probabilities", expected: truths.count * classes, found: probabilities.count)
    }
    self.init(classNames: classNames)
    for (image, truth) in truths.enumerated() {
      guard classNames.indices.contains(truth) else {
        throw .classOutOfRange(role: "true", found: truth, classes: classes)
      }
      let row = probabilities[image * classes..<(image + 1) * classes]
      try Self.check(row, image: image, classNames: classNames)
      let answer = predicted?[image] ?? Self.predicted(row)
      guard classNames.indices.contains(answer) else {
        throw .classOutOfRange(role: "predicted", found: answer, classes: classes)
      }
      append(truth: truth, predicted: answer, row)
    }
  }

  package var images: Int { truths.count }
  package var classes: Int { classNames.count }

  /// The probabilities of one image.
  package func row(_ image: Int) -> ArraySlice<Float> { probabilities[image * classes..<(image + 1) * classes] }

  mutating func append(truth: Int, predicted: Int, _ row: some Collection<Float>) {
    truths.append(truth)
    self.predicted.append(predicted)
    probabilities += row
  }

  static func check(_ row: some Collection<Float>, image: Int, classNames: [String]) throws(EvaluationError) {
    guard row.count == classNames.count else {
      throw .countMismatch(what: "probabilities of an image", expected: classNames.count, found: row.count)
    }
    for (index, value) in row.enumerated() where !value.isFinite {
      throw .notFinite(image: image, className: classNames[index])
    }
  }

  /// The most probable class, the first of equal ones.
  static func predicted(_ row: some RandomAccessCollection<Float>) -> Int {
    var (best, most) = (0, -Float.infinity)
    for (index, value) in row.enumerated() where value > most { (best, most) = (index, value) }
    return best
  }

  /// The same answers with the classes in the order `names`, which must hold the same names.
  package func ordered(as names: [String]) throws(EvaluationError) -> Answers {
    if names == classNames { return self }
    let places = names.compactMap(classNames.firstIndex)
    guard Set(places).count == classes, names.count == classes else {
      throw .otherClasses(expected: names, found: classNames)
    }
    var other = Answers(classNames: names)
    for image in truths.indices {
      let row = row(image)
      other.append(
        truth: places.firstIndex(of: truths[image])!, predicted: places.firstIndex(of: predicted[image])!,
        places.map { row[row.startIndex + $0] })
    }
    return other
  }
}

extension Answers {
  /// All metrics, with 95 % intervals.
  package func metrics(resamples: Int = 1000, seed: UInt64 = 0) throws(EvaluationError) -> ClassificationMetrics {
    var accumulator = MetricsAccumulator(classNames: classNames)
    for image in truths.indices {
      try accumulator.add(truth: truths[image], probabilities: row(image), answer: predicted[image])
    }
    return try accumulator.metrics(resamples: resamples, seed: seed)
  }

  /// The images ranked by the probability of the class `index`.
  package func ranking(of index: Int) -> Ranking { ranking(of: index, among: Array(truths.indices)) }

  private func ranking(of index: Int, among images: [Int]) -> Ranking {
    Ranking(
      scores: images.map { probabilities[$0 * classes + index] }, positive: images.map { truths[$0] == index })
  }

  /// A metric over the images at these indices, which may repeat; `nil` where it is undefined.
  package func value(of metric: Metric, among images: [Int]) -> Double? {
    guard !images.isEmpty else { return nil }
    switch metric {
    case .accuracy, .balancedAccuracy, .f1Macro, .precisionMacro, .recallMacro, .f1Weighted, .precisionWeighted,
      .recallWeighted, .f1Micro, .kappa, .matthews:
      return [ClassCounts](classes: classes, answers: images.lazy.map { (truths[$0], predicted[$0]) })[metric]
    case .rocAUCMacro: return mean((0..<classes).compactMap { ranking(of: $0, among: images).rocAUC })
    case .averagePrecisionMacro:
      return mean((0..<classes).compactMap { ranking(of: $0, among: images).averagePrecision })
    case .logLoss: return measures(images).crossEntropy
    case .brier: return measures(images).brier
    case .calibrationError: return measures(images).calibration.expectedError
    case .maximumCalibrationError: return measures(images).calibration.maximumError
    }
  }

  private func measures(_ images: [Int]) -> ProbabilityMeasures {
    var measures = ProbabilityMeasures()
    for image in images { measures.add(row(image), truth: truths[image], predicted: predicted[image]) }
    return measures
  }

  /// The bootstrap interval of a metric; `nil` where the metric is undefined. Areas under curves sort the images in
  /// every resample.
  package func interval(of metric: Metric, _ bootstrap: Bootstrap = Bootstrap()) -> Interval? {
    bootstrap.interval(truths: truths) { value(of: metric, among: $0) }
  }
}
