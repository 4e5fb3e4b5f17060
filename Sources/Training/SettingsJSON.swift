import NunchiDocuments

extension TrainingSettings {
  /// Every setting under its name, nil as null. The constants of the optimizer and the limits of gradients are left out
  /// where they have their usual values.
  package var json: JSON { object { _ in true } }

  /// The settings for the provenance of a model file: without those that name files or folders, and without the
  /// threads.
  var provenance: JSON {
    object { setting in
      switch setting.bearing {
      case .network, .learning: true
      case .source, .run: false
      }
    }
  }

  private func object(_ isWanted: (TrainingSetting) -> Bool) -> JSON {
    .object(
      JSON.Object(
        TrainingSetting.all.filter(isWanted).compactMap { setting in
          setting.json(self).map { JSON.Member(setting.name, $0) }
        }))
  }

  /// Reads the settings that `json` wrote.
  package init(reading reader: SettingsReader) throws(SettingsReader.Problem) {
    self.init()
    for setting in TrainingSetting.all { try setting.read(reader, &self) }
  }
}
