import NunchiDatasets
import NunchiInference

extension Classifier {
  /// Learns the pictures in a folder, one folder inside for each class, and returns what was best on those held back.
  ///
  ///     let classifier = try Classifier.train(on: "photos")
  ///
  /// Nothing is written. `Trainer` does the same with events, a run folder and a way to stop.
  ///
  /// - Parameters:
  ///   - path: a folder, a zip, a list of pictures, MNIST's files or CIFAR.
  ///   - change: of the default settings.
  public static func train(
    on path: String, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Classifier {
    var settings = TrainingSettings(data: path)
    settings.out = nil
    change(&settings)
    return try Classifier(try Trainer(settings).run().best, threads: settings.threads)
  }

  /// The same for pictures that were opened or made before.
  public static func train(
    on dataset: Dataset, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Classifier {
    var settings = TrainingSettings()
    settings.out = nil
    change(&settings)
    return try Classifier(try Trainer(settings, dataset: dataset).run().best, threads: settings.threads)
  }
}
