import NunchiDocuments

extension RunRecord {
  /// The command that trains the same weights again: every setting that differs from its default.
  ///
  /// Left out are settings that the weights do not depend on.
  package var repeatingCommand: [String] {
    let defaults = TrainingSettings().json
    var words = ["nunchi", "train", data.path ?? settings.data]
    for setting in origins where setting.decidesWeights && setting.value != defaults[setting.name] {
      // The data are named already, and what is said of epochs below runs them all.
      guard setting.name != "data", !(setting.name == "patience" && setting.value.isNull) else { continue }
      guard let text = TrainingSetting.text(setting.name, setting.value) else { continue }
      words += ["--" + setting.name, text]
    }
    // Epochs that are named run all unless patience is named too.
    let epochs = settings.epochs != TrainingSettings().epochs
    switch settings.patience {
    case nil where !epochs: words += ["--epochs", String(settings.epochs)]
    case let patience? where epochs && patience == TrainingSettings().patience:
      words += ["--patience", String(patience)]
    case nil, .some: break
    }
    return words
  }

  /// The command that trains one model of the images of a cross-validation with the same settings: all of them but the
  /// share that chooses the epoch, or what the data set's own splits leave. nil where there are no folds.
  package var commandForUse: [String]? {
    guard folds != nil else { return nil }
    var words = repeatingCommand
    if let place = words.firstIndex(of: "--" + Self.foldsKey) { words.removeSubrange(place...place + 1) }
    if !data.isDivided { words += ["--test", "0"] }
    return words
  }

  /// Whether the run was given other epochs when it was resumed: then no single command leads to its weights.
  package var isExtended: Bool { origins.contains { $0.origin == "resume" } }

  /// The number of epochs that fit into a time depends on the machine.
  package var dependsOnTime: Bool { settings.timeBudget != nil }
}

extension RunRecord.Setting {
  /// Whether other weights come of another value.
  package var decidesWeights: Bool {
    TrainingSetting.named(name)?.decidesWeights ?? true
  }
}
