import NunchiDocuments
import NunchiEngine
import NunchiGraph
import NunchiModelFiles
import NunchiSystem
import NunchiTensors

/// The state of a training between two steps: everything that later steps depend on. It is `model/resume.bin` in a run
/// folder.
///
/// The file is a checksummed container of flat arenas, written whole or not at all. It stores no random state, because
/// random numbers are functions of seed, epoch, step and image.
struct Checkpoint {
  var settings: TrainingSettings
  /// Where each setting comes from, by the name of its option.
  var origins: [String: String]
  /// The fingerprint of the data set.
  var fingerprint: String
  var numerics: Numerics
  var position: EpochPosition
  var history: [EpochRecord]
  /// The time spent on the training so far.
  var seconds: Double
  var weights: Weights
  var optimizer: OptimizerState
  var best: Weights?
  /// The moving average, where there is one.
  var average: Weights?

  static let formatVersion = 1
  static let name = "resume.bin"
}

/// What decides the rounding of a training, besides its settings.
struct Numerics: Hashable {
  var winograd: Bool
  /// Whether the kernels use fused multiply-add, as all instruction sets but `portable` do.
  var fused: Bool

  static func of(_ options: PlanOptions) -> Numerics {
    Numerics(winograd: options.winograd, fused: options.kernels.description != "portable")
  }

  var json: JSON { ["winograd": JSON(winograd), "fused": JSON(fused)] }
}

/// The position within an epoch.
struct EpochPosition: Hashable {
  /// Counted from 1.
  var epoch = 1
  /// The batches that are done.
  var batches = 0
  /// The sum of the losses of the images of those batches.
  var lossSum = 0.0
  var images = 0
  /// The seconds spent on those batches.
  var seconds = 0.0
}

extension Checkpoint {
  fileprivate static let parametersName = "parameters"
  fileprivate static let statisticsName = "statistics"
  fileprivate static let bestPrefix = "best."
  fileprivate static let averagePrefix = "average."
  fileprivate static func stateName(_ index: Int) -> String { "optimizer.\(index)" }

  func write(to path: String) throws(TrainingError) {
    var tensors = Self.arenas(weights, "")
    for (index, values) in optimizer.values.enumerated() {
      tensors.append((Self.stateName(index), [values.count], values))
    }
    if let best { tensors += Self.arenas(best, Self.bestPrefix) }
    if let average { tensors += Self.arenas(average, Self.averagePrefix) }
    do {
      try SafetensorsWriter.write(
        path: path, metadata: [(ModelFile.metadataKey, document.compact())], tensors: tensors)
    } catch {
      throw .file(FileError(path: path, action: "write", reason: .init(error.problem, number: error.number)))
    }
  }

  private static func arenas(_ weights: Weights, _ prefix: String) -> [SafetensorsWriter.Entry] {
    let (parameters, statistics) = (weights.parameters.allFloats, weights.statistics.allFloats)
    return [
      (prefix + parametersName, [parameters.count], parameters),
      (prefix + statisticsName, [statistics.count], statistics),
    ]
  }

  private var document: JSON {
    [
      "checkpoint": .integer(Self.formatVersion), "settings": settings.json,
      "origins": .object(
        JSON.Object(origins.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })),
      "fingerprint": JSON(fingerprint), "numerics": numerics.json,
      "epoch": .integer(position.epoch), "batches": .integer(position.batches), "loss_sum": .number(position.lossSum),
      "images": .integer(position.images), "epoch_seconds": .number(position.seconds), "seconds": .number(seconds),
      "steps": .integer(Int(optimizer.step)), "history": .array(history.map(\.json)),
    ]
  }
}

/// A checkpoint in a file. The document is read at once, the arenas when the network has been built.
struct CheckpointFile {
  let settings: TrainingSettings
  let origins: [String: String]
  let fingerprint: String
  let numerics: Numerics
  let position: EpochPosition
  let history: [EpochRecord]
  let seconds: Double
  private let steps: UInt64
  private let file: SafetensorsFile

  init(path: String) throws(TrainingError) {
    do {
      file = try SafetensorsFile(path: path, checksum: .required)
    } catch {
      throw .checkpoint(path: path, error.problem)
    }
    guard let text = file.metadata(ModelFile.metadataKey), let json = try? JSON(parsing: text) else {
      throw .checkpoint(path: path, "expected the description of a checkpoint, found none")
    }
    let reader = SettingsReader(json)
    do throws(SettingsReader.Problem) {
      let version = try reader.integer("checkpoint")
      guard version == Checkpoint.formatVersion else {
        throw SettingsReader.Problem(
          key: "checkpoint", expected: "version \(Checkpoint.formatVersion)", found: "version \(version)")
      }
      settings = try TrainingSettings(reading: try reader.object("settings"))
      origins = Dictionary(
        uniqueKeysWithValues: (json["origins"]?.objectValue?.members ?? []).map { ($0.key, $0.value.stringValue ?? "") }
      )
      fingerprint = try reader.text("fingerprint")
      let numerics = try reader.object("numerics")
      self.numerics = Numerics(winograd: try numerics.flag("winograd"), fused: try numerics.flag("fused"))
      position = EpochPosition(
        epoch: try reader.integer("epoch"), batches: try reader.integer("batches"),
        lossSum: try reader.number("loss_sum"), images: try reader.integer("images"),
        seconds: try reader.number("epoch_seconds"))
      seconds = try reader.number("seconds")
      steps = UInt64(max(try reader.integer("steps"), 0))
      var history: [EpochRecord] = []
      for record in json["history"]?.arrayValue ?? [] {
        history.append(try EpochRecord(reading: SettingsReader(record)))
      }
      self.history = history
    } catch {
      throw .checkpoint(path: path, "damaged description: \(error)")
    }
  }

  /// Restores the weights and the optimizer's state.
  func restore(_ weights: inout Weights, _ optimizer: inout OptimizerState) throws(TrainingError) {
    weights = try read(weights.layout, "")
    var values: [[Float]] = []
    for (index, arena) in optimizer.values.enumerated() {
      values.append(try floats(Checkpoint.stateName(index), count: arena.count))
    }
    optimizer.restore(values, step: steps)
  }

  /// The weights of the best epoch so far; nil before the first.
  func best(_ layout: WeightsLayout) throws(TrainingError) -> Weights? {
    try optional(layout, Checkpoint.bestPrefix)
  }

  /// The moving average of the weights; nil where there was none.
  func average(_ layout: WeightsLayout) throws(TrainingError) -> Weights? {
    try optional(layout, Checkpoint.averagePrefix)
  }

  private func optional(_ layout: WeightsLayout, _ prefix: String) throws(TrainingError) -> Weights? {
    guard file.tensors.contains(where: { $0.name == prefix + Checkpoint.parametersName }) else { return nil }
    return try read(layout, prefix)
  }

  private func read(_ layout: WeightsLayout, _ prefix: String) throws(TrainingError) -> Weights {
    var weights = Weights(zeros: layout)
    let parameters = try floats(prefix + Checkpoint.parametersName, count: layout.parameterCount)
    let statistics = try floats(prefix + Checkpoint.statisticsName, count: layout.statisticCount)
    weights.makeUnique()
    weights.parameters.floats.update(from: parameters, count: parameters.count)
    weights.statistics.floats.update(from: statistics, count: statistics.count)
    return weights
  }

  private func floats(_ name: String, count: Int) throws(TrainingError) -> [Float] {
    let values: [Float]
    do {
      values = try file.floats(named: name)
    } catch {
      throw .checkpoint(path: file.path, error.problem)
    }
    guard values.count == count else {
      throw .checkpoint(path: file.path, "\(name): expected \(count) numbers, found \(values.count)")
    }
    return values
  }
}

extension AlignedMemory {
  /// A copy of the memory.
  fileprivate var allFloats: [Float] {
    Array(UnsafeBufferPointer(start: floats, count: byteCount / MemoryLayout<Float>.size))
  }
}
