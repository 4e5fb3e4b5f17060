import NunchiDocuments

extension TrainingSettings {
  /// Every setting under its name. Those that are nil are null; the numbers of the optimizer and the limits of gradients
  /// stand there where they are not the usual ones.
  package var json: JSON { object { _ in true } }

  /// The settings that the weights depend on: without the threads, and without names of folders.
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

  /// The settings that `json` wrote.
  package init(reading reader: SettingsReader) throws(SettingsReader.Problem) {
    self.init()
    for setting in TrainingSetting.all { try setting.read(reader, &self) }
  }
}
