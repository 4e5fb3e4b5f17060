import NunchiDatasets
import NunchiDocuments
import NunchiModelFiles

/// What a model file says of the data that it was trained on, as far as it takes to divide them the same way again.
struct ModelOrigin {
  /// Of the data set as it was divided.
  let fingerprint: String
  private let fractions: SplitFractions
  private let seed: UInt64
  private let fold: Fold?

  /// nil where the file does not tell.
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

  /// Settings that divide the data set at a path as the training did.
  func settings(data path: String) -> TrainingSettings {
    var settings = TrainingSettings(data: path)
    (settings.seed, settings.fractions, settings.fold) = (seed, fractions, fold)
    return settings
  }
}
