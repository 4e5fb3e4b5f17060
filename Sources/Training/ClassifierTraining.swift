import NunchiDatasets
import NunchiInference

extension Classifier {
  /// Trains a classifier on the images in a folder that has one folder for each class. Returns the weights of the best
  /// epoch.
  ///
  ///     let classifier = try Classifier.train(on: "photos")
  ///
  /// Nothing is written to files. `Trainer` does the same with events, a run folder and a way to stop.
  ///
  /// - Parameters:
  ///   - path: a folder, a zip, a list of images, the files of MNIST or CIFAR.
  ///   - change: changes the default settings, as in `{ $0.epochs = 10 }`.
  public static func train(
    on path: String, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Classifier {
    var settings = TrainingSettings(data: path)
    settings.out = nil
    change(&settings)
    return try Classifier(try Trainer(settings).run().best, threads: settings.threads)
  }

  /// Trains a classifier on a data set that is open or in memory.
  ///
  ///     let classifier = try Classifier.train(on: dataset) { $0.epochs = 10 }
  public static func train(
    on dataset: Dataset, _ change: (inout TrainingSettings) -> Void = { _ in }
  ) throws -> Classifier {
    var settings = TrainingSettings()
    settings.out = nil
    change(&settings)
    return try Classifier(try Trainer(settings, dataset: dataset).run().best, threads: settings.threads)
  }
}
