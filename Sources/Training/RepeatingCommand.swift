import NunchiDocuments

extension RunRecord {
  /// The command that trains the same weights again. It names every setting that differs from its default, except those
  /// that the weights do not depend on.
  package var repeatingCommand: [String] {
    let defaults = TrainingSettings().json
    var words = ["nunchi", "train", data.path ?? settings.data]
    for setting in origins where setting.decidesWeights && setting.value != defaults[setting.name] {
      // The data are named already, and patience is handled below with the epochs.
      guard setting.name != "data", !(setting.name == "patience" && setting.value.isNull) else { continue }
      guard let text = TrainingSetting.text(setting.name, setting.value) else { continue }
      words += ["--" + setting.name, text]
    }
    // A command line with --epochs has no patience unless --patience is named too.
    let epochs = settings.epochs != TrainingSettings().epochs
    switch settings.patience {
    case nil where !epochs: words += ["--epochs", String(settings.epochs)]
    case let patience? where epochs && patience == TrainingSettings().patience:
      words += ["--patience", String(patience)]
    case nil, .some: break
    }
    return words
  }

  /// The command that trains one model on the images of a cross-validation, with the same settings. It holds back only
  /// the validation share, or the data set's own splits. nil for a single training.
  package var commandForUse: [String]? {
    guard folds != nil else { return nil }
    var words = repeatingCommand
    if let place = words.firstIndex(of: "--" + Self.foldsKey) { words.removeSubrange(place...place + 1) }
    if !data.isDivided { words += ["--test", "0"] }
    return words
  }

  /// Whether the number of epochs was changed when the run was resumed. Then no single command trains the same weights.
  package var isExtended: Bool { origins.contains { $0.origin == "resume" } }

  /// Whether the number of epochs came from a time budget, and so depends on the machine.
  package var dependsOnTime: Bool { settings.timeBudget != nil }
}

extension RunRecord.Setting {
  /// Whether the weights depend on the setting.
  package var decidesWeights: Bool {
    TrainingSetting.named(name)?.decidesWeights ?? true
  }
}
