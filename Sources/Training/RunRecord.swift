import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiSystem

/// A run folder read back, for lists, comparisons and reports.
///
/// The settings must be there. Everything else may be missing, as in a run that was interrupted or killed.
package struct RunRecord: Sendable {
  /// A setting with its origin.
  package struct Setting: Sendable, Hashable {
    package let name: String
    package let value: JSON
    package let origin: String

    /// Reads a member of `config.json`, or of an object with plain values.
    package init(reading member: JSON.Member) {
      name = member.key
      value = member.value["value"] ?? member.value
      origin = member.value["origin"]?.stringValue ?? "default"
    }
  }

  /// The run folder.
  package let path: String
  package let settings: TrainingSettings
  /// The settings with their origins, in the order of `config.json`.
  package let origins: [Setting]
  package let environment: EnvironmentRecord
  package let data: DataRecord
  package let history: [EpochRecord]
  /// Why the training ended; nil where it is running or was killed.
  package let ending: TrainingEvent.Ending?
  /// The best epoch, counted from 1; 0 where none was finished.
  package let bestEpoch: Int
  package let seconds: Double
  package let parameters: Int?
  /// The notes of the training, each sentence once.
  package let notes: [TrainingEvent.Note]
  /// The split of the final metrics: test, or validation where there are no test images.
  package let headline: Split?
  /// Mean and deviation of the metrics over the folds; nil for a single training, and where folds are missing.
  package let spread: SpreadRecord?
  private let metrics: [Split: MetricsRecord]

  package init(path: String) throws(TrainingError) {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    path = RunFolder.resolved(path)
    self.path = path
    let config = Self.document("config.json", in: path)
    guard let members = config.objectValue?.members else {
      throw .run(path: path, expected: "a run folder with its config.json", found: "none that can be read")
    }
    origins = members.map(Setting.init)
    do {
      let flat = JSON.Object(origins.map { JSON.Member($0.name, $0.value) })
      settings = try TrainingSettings(reading: SettingsReader(.object(flat)))
    } catch {
      throw .run(path: path + "/config.json", expected: error.expected + " as \(error.key)", found: error.found)
    }
    environment = EnvironmentRecord(reading: Self.document("env.json", in: path))
    data = DataRecord(reading: Self.document("data.json", in: path))
    let measured = Self.document("evaluation/metrics.json", in: path)
    headline = measured["split"]?.stringValue.flatMap(Split.init)
    spread = SpreadRecord(reading: measured[Self.foldsKey])
    metrics = Dictionary(
      uniqueKeysWithValues: Split.allCases.compactMap { split in
        measured[split.rawValue].map { (split, MetricsRecord(reading: $0)) }
      })
    let log = Self.log(in: path)
    history = log.filter { $0["event"] == "epoch" }.compactMap { try? EpochRecord(reading: SettingsReader($0)) }
    let end = log.last { $0["event"] == "finished" }
    ending = end?["ending"]?.stringValue.flatMap(TrainingEvent.Ending.init)
    bestEpoch = end?["best_epoch"]?.intValue ?? history.last(where: \.isBest)?.epoch ?? 0
    seconds = end?["seconds"]?.doubleValue ?? history.last?.seconds ?? 0
    parameters = log.last { $0["event"] == "started" }?["parameters"]?.intValue
    var seen: Set<String> = []
    notes = log.compactMap(TrainingEvent.Note.init).filter { seen.insert($0.text).inserted }
  }

  private static func document(_ name: String, in path: String) -> JSON {
    (try? JSON(parsing: RunFolder.text(name, in: path))) ?? .null
  }

  private static func log(in path: String) -> [JSON] {
    RunFolder.text("log.jsonl", in: path).split(separator: "\n").compactMap { try? JSON(parsing: $0) }
  }
}

extension RunRecord {
  /// The name of the folder.
  package var name: String { FilePath.name(path) }

  /// The number of folds; nil for a single training.
  package var folds: Int? { origins.first { $0.name == Self.foldsKey }?.value.intValue }

  static let foldsKey = "folds"

  /// A path of the training. Relative paths start from its working directory.
  func resolved(_ path: String) -> String {
    guard !path.isEmpty, !path.hasPrefix("/"), let folder = environment.folder else { return path }
    return folder + "/" + path
  }

  /// The record of the best epoch.
  package var best: EpochRecord? { history.first { $0.epoch == bestEpoch } }

  /// The metrics of the best weights on a split; nil where they were not evaluated.
  package func metrics(_ split: Split) -> MetricsRecord? { metrics[split] }

  /// The file with the best weights.
  package var modelPath: String { path + "/model/best.safetensors" }

  /// The data set of the run if it is unchanged, else why it is missing. For a cross-validation all images are the test
  /// split.
  package func dataset() -> Result<Dataset, MissingData> {
    guard let name = data.path, !name.isEmpty else { return .failure(.inMemory) }
    let folder = environment.folder
    let places = [name] + (name.hasPrefix("/") ? [] : folder.map { [$0 + "/" + name] } ?? [])
    var found: MissingData?
    for place in places {
      guard let set = try? folds == nil ? settings.dataset(at: place) : FoldPool(path: place).tested else { continue }
      if set.fingerprint == data.fingerprint { return .success(set) }
      found = .changed(path: place)
    }
    return .failure(found ?? .gone(path: name))
  }

  /// Why the images of a run are missing.
  package enum MissingData: Error, Hashable, CustomStringConvertible {
    case inMemory
    case gone(path: String)
    case changed(path: String)

    package var description: String {
      switch self {
      case .inMemory: "the pictures were in memory and are not kept"
      case .gone(let path): "the pictures are not at \(path) any more"
      case .changed(let path): "the pictures at \(path) are not those of the run any more"
      }
    }
  }

  /// The runs in a folder, ordered by number, and the problems of those that cannot be read.
  package static func all(in folder: String) throws(TrainingError) -> (runs: [RunRecord], problems: [String]) {
    var (runs, problems): ([RunRecord], [String]) = ([], [])
    for name in try RunFolder.runs(in: folder) {
      do throws(TrainingError) {
        runs.append(try RunRecord(path: folder + "/" + name))
      } catch {
        problems.append(error.description)
      }
    }
    return (runs, problems)
  }
}
