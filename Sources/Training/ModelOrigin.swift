import NunchiDatasets
import NunchiDocuments
import NunchiModelFiles

/// What a model file says of its training data, as far as needed to divide the data set the same way again.
struct ModelOrigin {
  /// The fingerprint of the divided data set.
  let fingerprint: String
  private let fractions: SplitFractions
  private let seed: UInt64
  private let fold: Fold?

  /// Nil where the file lacks it.
  init?(of model: LoadedModel) {
    let document = model.provenance
    guard let fingerprint = document["data"]?.stringValue, let settings = document["settings"],
      let validation = settings["validation"]?.doubleValue, let test = settings["test"]?.doubleValue,
      validation >= 0, test >= 0, validation + test < 1,
      let seed = settings["seed"]?.intValue.flatMap({ UInt64(exactly: $0) })
        ?? settings["seed"]?.stringValue.flatMap({ UInt64($0) })
    else { return nil }
    self.fingerprint = fingerprint
    self.seed = seed
    fractions = SplitFractions(validation: validation, test: test)
    fold = settings["folds"]?.stringValue.flatMap { Fold($0) }
  }

  /// Settings that divide the data set at a path as the training divided it.
  func settings(data path: String) -> TrainingSettings {
    var settings = TrainingSettings(data: path)
    (settings.seed, settings.fractions, settings.fold) = (seed, fractions, fold)
    return settings
  }
}
