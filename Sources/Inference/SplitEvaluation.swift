import NunchiDatasets
import NunchiEvaluation
import NunchiImages

/// How a classifier answered one split of a data set.
public struct SplitEvaluation: Sendable {
  /// The answer for one image.
  public struct Prediction: Sendable {
    /// The path of the image within the data set.
    public let identity: String
    /// The true class, by the model's order.
    public let truth: Int
    /// By the model's order of classes.
    public let probabilities: [Float]
    /// The class answered: the most probable one, but for a model with thresholds.
    public let predicted: Int
  }

  /// Which part of the data set was answered.
  public let split: Split
  /// The names of the classes, in the model's order.
  public let classes: [String]
  /// All that was measured of the answers.
  public let metrics: ClassificationMetrics
  /// In the order of the split.
  public let predictions: [Prediction]
  /// The same without the paths.
  package let answers: Answers
  /// Damaged files, which were left out.
  public let skipped: [SkippedFile]
}

extension SplitEvaluation {
  /// Answers that were given before, with the paths of their images.
  ///
  /// - Parameter seed: of the intervals.
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

/// A data set that a model cannot be evaluated on.
public enum EvaluationSetupError: Error, Hashable, Sendable, CustomStringConvertible {
  /// A class of the data set that the model does not know.
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
  /// How well the model answers the pictures of a split, by default the test split. Classes are matched by name, whatever
  /// their order in the data set.
  public func evaluate(_ dataset: Dataset, _ split: Split = .test) throws -> SplitEvaluation {
    try evaluate(dataset, split, threads: 2)
  }

  /// Answers every image of a split. Classes are matched by name, whatever their order in the data set.
  ///
  /// - Parameters:
  ///   - threads: background threads that decode.
  ///   - cache: where images may lie decoded already.
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
  /// The place of each class of the data set in the order of the model.
  func places(of dataset: Dataset) throws(EvaluationSetupError) -> [Int] {
    var places: [Int] = []
    for name in dataset.classes {
      guard let place = classes.firstIndex(of: name) else { throw .unknownClass(name, known: classes) }
      places.append(place)
    }
    return places
  }
}
