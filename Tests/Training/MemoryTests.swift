import NunchiDatasets
import NunchiTraining
import Testing

@Suite struct MemoryTests {
  private func failure(_ settings: TrainingSettings, available: Int) throws -> TrainingError? {
    let trainer = Trainer(settings, dataset: patternSet())
    trainer.availableMemory = available
    do {
      _ = try trainer.run()
      return nil
    } catch let error as TrainingError { return error }
  }

  /// A batch that does not fit is refused before anything is written, and the batch that is named instead fits: against an
  /// estimate that grows otherwise than what it is compared with.
  @Test func whatDoesNotFitIsRefusedAndWhatIsNamedFits() throws {
    try withFolder { folder in
      var settings = patternSettings(epochs: 1)
      settings.out = folder
      settings.batch = 64
      guard case .memory(64, let needed, 0, 1, let least) = try failure(settings, available: 0) else {
        return #expect(Bool(false), "64 images in no memory")
      }
      #expect(names(in: folder) == [])
      let available = (needed + least) / 2
      guard case .memory(_, needed, available, let smaller, let needs) = try failure(settings, available: available)
      else { return #expect(Bool(false), "64 images in \(available) bytes of \(needed)") }
      #expect(smaller < 64 && needs <= available)
      settings.batch = smaller
      #expect(try failure(settings, available: available) == nil)
      settings.batch = 64
      #expect(try failure(settings, available: needed) == nil)
    }
  }

  @Test func theRefusalIsASentence() {
    let error = TrainingError.memory(
      batch: 64, needed: 8 << 30, available: 4 << 30, smaller: 16, smallerNeeds: 2_040_109_466)
    #expect(
      error.description
        == "--batch 64 needs 8.0 GiB of memory, expected at most the 4.0 GiB that are available; --batch 16 needs 1.9 GiB, "
        + "and with --accumulate 4 learns from as many images a step")
    let hopeless = TrainingError.memory(
      batch: 2, needed: 8 << 20, available: 4 << 20, smaller: 1, smallerNeeds: 5 << 20)
    #expect(
      hopeless.description.hasSuffix("--batch 1 needs 5.0 MiB, still too much: choose a smaller --size or --width"))
  }
}
