import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiGraph
import NunchiImages
import NunchiInference
import NunchiLayers
import NunchiModels
import NunchiSystem
import NunchiTensors

/// Everything that is fixed before the first step: the data set with its statistics, and the network for it.
struct Preparation {
  let dataset: Dataset
  let training: BatchLoader
  /// The loader of the validation images; nil where there are none.
  let validation: BatchLoader?
  /// The cache of decoded images of all splits. The final evaluation reads the validation images again.
  let cache: PixelCache
  let preprocessing: Preprocessing
  let normalization: Normalization
  let model: any Layer
  let balancing: Balancing
  /// The optimizer steps in an epoch.
  let stepsPerEpoch: Int
  let monitor: Monitor
  let pool: WorkerPool
  /// The expected peak memory of the process in bytes, the cache of decoded images included.
  let expectedMemory: Int
  let fingerprint: String
  /// The checksums of the training images for the model file; nil above `mostRemembered` images, where the list would
  /// be larger than many models.
  let contents: JSON?

  private static let mostRemembered = 20_000
  /// Memory that the program itself takes later: code that has not run yet, threads, the report. Measured with the
  /// smallest network.
  private static let laterMemory = 4 << 20

  let notes: [TrainingEvent.Note]
  /// The model that the weights start from; nil for random weights.
  private let start: StartingPoint?
  private let trunk: FrozenTrunk?

  init(_ settings: TrainingSettings, dataset given: Dataset?, stop: StopRequest, available: Int) throws {
    try settings.validate()
    let preset = try ModelPreset.named(settings.model)
    dataset = try given ?? settings.dataset(at: settings.data)
    var notes = dataset.warnings.map { TrainingEvent.Note(.data, $0) }
    if !dataset.skipped.isEmpty {
      notes.append(.init(.skippedFiles, "\(dataset.skipped.count) files of the data set were left out"))
    }
    guard dataset.classes.count >= 2 else {
      throw TrainingError.data(
        path: dataset.path, expected: "at least two classes", found: "\(dataset.classes.count)")
    }
    let classes = dataset.classes
    start = try settings.start.map { try StartingPoint(path: $0, classes: classes) }
    if let start {
      notes.append(.init(.start, start.note))
      (model, preprocessing) = (start.model, start.loaded.preprocessing)
    } else {
      let (side, channels) = (settings.size ?? preset.size, settings.channels ?? preset.channels)
      model = try preset.make(
        classes: dataset.classes.count, channels: channels, size: side, width: settings.width, dropout: settings.dropout
      )
      preprocessing = Preprocessing(width: side, height: side, channels: channels, rule: settings.resize)
    }
    trunk = settings.freeze == .trunk ? FrozenTrunk(model) : nil
    if settings.freeze == .trunk, trunk == nil {
      throw TrainingError.setting(
        name: "freeze", expected: "a network that is a sequence of layers with a dense one", found: settings.model)
    }
    let counts = dataset.counts(.train)
    balancing = Balancing(settings.imbalance, counts: counts, images: settings.batch * settings.accumulation)
    let threads = settings.threads ?? WorkerPool.cores
    let held = Int(ProcessMemory.peakMebibytes) << 20
    let need = try MemoryNeed.check(
      Self.parts(model, preprocessing, classes: classes.count, balancing, trunk), settings,
      .init(
        images: Dictionary(uniqueKeysWithValues: Split.allCases.map { [dataset] in ($0, dataset.items($0).count) }),
        threads: threads, frozen: trunk?.parameters ?? [], available: available),
      resized: start != nil
        ? nil
        : { [preprocessing, balancing] side in
          let smaller = try preset.make(
            classes: classes.count, channels: preprocessing.channels, size: side, width: settings.width,
            dropout: settings.dropout)
          let pictures = Preprocessing(
            width: side, height: side, channels: preprocessing.channels, rule: preprocessing.rule)
          return Self.parts(smaller, pictures, classes: classes.count, balancing, nil)
        })
    pool = WorkerPool(threads: threads)
    var limits = PixelCache.Limits.standard
    limits.memoryBytes = min(limits.memoryBytes, available - need.bytes)
    cache = PixelCache(limits)
    expectedMemory = Self.laterMemory + held + need.bytes + cache.memoryBytes(for: dataset, preprocessing)
    // The first pass over the training files measures their colours and also takes their checksums.
    let checksums = dataset.items(.train).count <= Self.mostRemembered ? FileChecksums() : nil
    training = BatchLoader(
      dataset: dataset, split: .train, preprocessing: preprocessing, augmentation: settings.augmentation,
      batchSize: settings.batch, seed: settings.seed, threads: threads,
      sampling: balancing.sampling, cache: cache, reader: checksums)
    stepsPerEpoch = training.batchCount.dividedRoundingUp(by: settings.accumulation)
    validation =
      dataset.items(.validation).isEmpty
      ? nil
      : BatchLoader(
        dataset: dataset, split: .validation, preprocessing: preprocessing, batchSize: settings.batch,
        threads: threads, cache: cache)
    let statistics = ChannelStatistics(training, stop: stop)
    guard statistics.pixels > 0 || stop.isSet else {
      throw TrainingError.data(
        path: dataset.path, expected: "images that can be read in the train split", found: "none")
    }
    normalization = start?.loaded.normalization ?? statistics.normalization(settings.normalization)
    notes.append(.init(.classes, balancing.reason))
    if settings.accumulation > 1 { notes.append(.init(.accumulation, Self.accumulationNote(settings, model))) }
    if let baseline = Balancing.baseline(classes, counts: counts) { notes.append(.init(.classes, baseline)) }
    if validation == nil, settings.monitor != .trainingLoss {
      monitor = .trainingLoss
      notes.append(
        .init(.monitor, "nothing is held back for validation: train.loss decides instead of \(settings.monitor)"))
    } else {
      monitor = settings.monitor
    }
    fingerprint = dataset.fingerprint
    contents = checksums.map { [dataset] seen in TrainingContents(dataset, seen: seen).json }
    self.notes = notes
  }

  /// The network for estimating its memory. Its normalisation is a stand-in, because it is not measured yet and takes
  /// none.
  private static func parts(
    _ model: any Layer, _ preprocessing: Preprocessing, classes: Int, _ balancing: Balancing, _ trunk: FrozenTrunk?
  ) -> TrainingNetwork.Parts {
    let none = [Float](repeating: 1, count: preprocessing.channels)
    return TrainingNetwork.Parts(
      model: model, normalization: Normalization(mean: none, deviation: none),
      image: (preprocessing.height, preprocessing.width, preprocessing.channels), classes: classes,
      classWeights: balancing.weights, trunk: trunk)
  }

  private static func accumulationNote(_ settings: TrainingSettings, _ model: any Layer) -> String {
    let images = settings.batch * settings.accumulation
    let batches = "each step learns from \(settings.accumulation) batches of \(settings.batch): \(images) images"
    guard WeightsLayout(model.namedParameters()).statisticCount > 0 else { return batches }
    return batches + "; batch norm measures each batch by itself, so the result is not that of --batch \(images)"
  }

  func network(_ settings: TrainingSettings, _ options: PlanOptions) throws -> TrainingNetwork {
    let parts = TrainingNetwork.Parts(
      model: model, normalization: normalization,
      image: (preprocessing.height, preprocessing.width, preprocessing.channels), classes: dataset.classes.count,
      classWeights: balancing.weights, trunk: trunk)
    var weights = Weights(WeightsLayout(model.namedParameters(), frozen: trunk?.parameters ?? []), seed: settings.seed)
    try start?.copy(into: &weights)
    return try TrainingNetwork(parts, weights, settings, pool: pool, options: options)
  }
}
