import NunchiDatasets
import NunchiEvaluation
import NunchiImages

/// The answers of a classifier for one split of a data set, with their metrics.
public struct SplitEvaluation: Sendable {
  /// The answer for one image.
  public struct Prediction: Sendable {
    /// The path of the image within the data set.
    public let identity: String
    /// The index of the true class in `classes`.
    public let truth: Int
    /// The probability of each class, in the order of `classes`.
    public let probabilities: [Float]
    /// The index of the class answered: the most probable one, or the one that the model's thresholds choose.
    public let predicted: Int
  }

  /// The split that was evaluated.
  public let split: Split
  /// The names of the classes, in the order of the model.
  public let classes: [String]
  /// The metrics of the answers.
  public let metrics: ClassificationMetrics
  /// The answer for each image, in the order of the split.
  public let predictions: [Prediction]
  /// The answers without the paths.
  package let answers: Answers
  /// The damaged files, which were left out.
  public let skipped: [SkippedFile]
}

extension SplitEvaluation {
  /// An evaluation of answers that were given before.
  ///
  /// - Parameter seed: the seed of the intervals.
  package init(
    _ split: Split, identities: [String], _ answers: Answers, seed: UInt64, skipped: [SkippedFile] = []
  ) throws(EvaluationError) {
    self.init(
      split: split, classes: answers.classNames, metrics: try answers.metrics(seed: seed),
      predictions: identities.enumerated().map { image, identity in
        Prediction(
          identity: identity, truth: answers.truths[image], probabilities: Array(answers.row(image)),
          predicted: answers.predicted[image])
      }, answers: answers, skipped: skipped)
  }
}

/// A model cannot be evaluated on this data set.
public enum EvaluationSetupError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The data set has a class that the model does not know.
  case unknownClass(String, known: [String])
  /// The split has no image that can be read.
  case emptySplit(Split, path: String)

  public var description: String {
    switch self {
    case .unknownClass(let name, let known):
      "expected only classes of the model (\(known.joined(separator: ", "))), found '\(name)'; "
        + "rename the folder, or leave it out"
    case .emptySplit(let split, let path):
      "\(path): expected readable images in the \(split.rawValue) split, found none"
    }
  }
}

extension Classifier {
  /// Classifies every image of a split and computes the metrics. Classes are matched by name, in any order.
  ///
  ///     let evaluation = try classifier.evaluate(dataset)
  ///     print(evaluation.metrics.accuracy)
  public func evaluate(_ dataset: Dataset, _ split: Split = .test) throws -> SplitEvaluation {
    try evaluate(dataset, split, threads: 2)
  }

  /// Classifies every image of a split and computes the metrics. Classes are matched by name, in any order.
  ///
  /// - Parameters:
  ///   - threads: the background threads that decode files.
  ///   - seed: the seed of the bootstrap intervals.
  ///   - cache: where decoded images may be found.
  package func evaluate(
    _ dataset: Dataset, _ split: Split, threads: Int, seed: UInt64 = 0,
    cache: PixelCache = PixelCache(.none)
  ) throws -> SplitEvaluation {
    let places = try places(of: dataset)
    let loader = BatchLoader(
      dataset: dataset, split: split, preprocessing: model.preprocessing, batchSize: batch, threads: threads,
      cache: cache)
    var accumulator = MetricsAccumulator(classNames: classes, keepsScores: true)
    var predictions: [SplitEvaluation.Prediction] = []
    let items = dataset.items(split)
    try loader.epoch(0) { images in
      let answers = probabilities(images.images)
      for row in 0..<images.count {
        let truth = places[Int(images.labels[row])]
        let probabilities = Array(answers[row * classes.count..<(row + 1) * classes.count])
        let answer = answer(probabilities)
        try accumulator.add(truth: truth, probabilities: probabilities, answer: answer)
        predictions.append(
          .init(
            identity: items[images.items[row]].identity, truth: truth, probabilities: probabilities, predicted: answer))
      }
    }
    guard !predictions.isEmpty, let kept = accumulator.answers else {
      throw EvaluationSetupError.emptySplit(split, path: dataset.path)
    }
    return SplitEvaluation(
      split: split, classes: classes, metrics: try accumulator.metrics(seed: seed), predictions: predictions,
      answers: kept, skipped: loader.skipped)
  }
  /// The index in the model of each class of the data set.
  func places(of dataset: Dataset) throws(EvaluationSetupError) -> [Int] {
    var places: [Int] = []
    for name in dataset.classes {
      guard let place = classes.firstIndex(of: name) else { throw .unknownClass(name, known: classes) }
      places.append(place)
    }
    return places
  }
}
