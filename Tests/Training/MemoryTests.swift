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
      guard case .memory(let none)? = try failure(settings, available: 0) else {
        return #expect(Bool(false), "64 images in no memory")
      }
      #expect(none.batch == 64 && none.available == 0 && none.fitting == nil && none.fittingSide == nil)
      #expect(names(in: folder) == [])
      let available = none.needed / 2
      guard case .memory(let shortage)? = try failure(settings, available: available),
        let fitting = shortage.fitting, let side = shortage.fittingSide
      else { return #expect(Bool(false), "64 images in \(available) bytes of \(none.needed)") }
      #expect(fitting.value < 64 && fitting.needed <= available)
      // The largest: one more does not fit.
      settings.batch = fitting.value + 1
      guard case .memory? = try failure(settings, available: available) else {
        return #expect(Bool(false), "\(settings.batch) images fit")
      }
      settings.batch = fitting.value
      #expect(try failure(settings, available: available) == nil)
      (settings.batch, settings.size) = (64, side.value)
      #expect(try side.value == 8 && failure(settings, available: available) == nil)
      settings.size = 12
      #expect(try failure(settings, available: none.needed) == nil)
    }
  }

  @Test func theRefusalIsASentence() {
    func refusal(_ fitting: MemoryShortage.Fitting?, _ side: MemoryShortage.Fitting?) -> String {
      let shortage = MemoryShortage(
        batch: 64, needed: 8 << 30, available: 4 << 30, fitting: fitting, fittingSide: side)
      return TrainingError.memory(shortage).description
    }
    let head = "--batch 64 needs 8.0 GiB of memory, expected at most the 4.0 GiB that are available; "
    #expect(
      refusal(.init(value: 30, needed: 2_040_109_466), .init(value: 152, needed: 4_000_000_000))
        == head + "--batch 30 fits with 1.9 GiB, and with --accumulate 3 learns from as many images a step; "
        + "--size 152 fits with 3.7 GiB")
    #expect(
      refusal(nil, nil) == head + "no smaller --batch fits: choose a smaller --size or --width, or another --model")
  }
}
