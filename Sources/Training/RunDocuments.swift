import NunchiDatasets
import NunchiDocuments
import NunchiEngine
import NunchiModelFiles
import NunchiSystem

extension TrainingSettings {
  /// The contents of `config.json`: each setting with its value and origin.
  func configuration(_ origins: [String: String]) -> JSON {
    let members = json.objectValue?.members ?? []
    return .object(
      JSON.Object(
        members.map { member in
          let origin = origins[member.key] ?? "default"
          return JSON.Member(member.key, ["value": member.value, "origin": .string(origin)])
        }))
  }
}

extension Preparation {
  /// The contents of `data.json`.
  var data: JSON {
    let own: [JSON.Member] = [
      .init("balancing", .string(balancing.reason)),
      .init("class_weights", balancing.weights.map { JSON($0) } ?? .null), .init("notes", JSON(notes.map(\.text))),
    ]
    return .object(JSON.Object(dataset.members(fingerprint) + own))
  }
}

extension Dataset {
  /// The members of `data.json` that describe the data set.
  func members(_ fingerprint: String) -> [JSON.Member] {
    let splits = Split.allCases.map { split in
      let counts = zip(classes, counts(split)).map { JSON.Member($0, .integer($1)) }
      return JSON.Member(
        split.rawValue, ["images": .integer(items(split).count), "classes": .object(JSON.Object(counts))])
    }
    return [
      .init("path", .string(path)), .init("kind", .string(kind.rawValue)),
      .init("fingerprint", .string(fingerprint)), .init("classes", JSON(classes)),
      .init("splits", .object(JSON.Object(splits))),
      .init("skipped", .array(skipped.map { ["path": .string($0.path), "reason": .string($0.reason)] })),
    ]
  }
}

/// The contents of `env.json`: the machine and the program of a training.
enum RunEnvironment {
  /// - Parameter memory: the expected peak memory in bytes; nil for a cross-validation, whose folds each have their
  ///   own.
  static func json(_ settings: TrainingSettings, threads: Int, memory: Int?) -> JSON {
    [
      "version": .string(Release.version), "model_file_version": .integer(ModelFile.formatVersion),
      "system": .string(system),
      "processor": .string(processor), "cores": .integer(WorkerPool.cores), "threads": .integer(threads),
      "kernels": .string(KernelTable.preferred.description), "winograd": .bool(PlanOptions().winograd),
      "memory_expected_bytes": memory.map(JSON.integer) ?? .null, "seed": .seed(settings.seed), "started": .string(now),
      "folder": .string(folder),
    ]
  }

  private static var system: String {
    var names = utsname()
    guard uname(&names) == 0 else { return "unknown" }
    return [text(&names.sysname), text(&names.release), text(&names.machine)].joined(separator: " ")
  }

  /// The working directory, which relative paths start from.
  private static var folder: String { FilePath.resolved(".") ?? "." }

  private static func text<Characters>(_ characters: inout Characters) -> String {
    withUnsafeBytes(of: &characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  /// The name of the processor, by Linux.
  static var processor: String {
    let text = OpenFile.beginning(of: "/proc/cpuinfo") ?? ""
    for line in text.split(separator: "\n") where line.hasPrefix("model name") {
      if let colon = line.firstIndex(of: ":") { return String(line[line.index(after: colon)...].drop { $0 == " " }) }
    }
    return "unknown"
  }

  /// The current time in UTC, as ISO 8601.
  private static var now: String {
    var seconds = time(nil)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let count = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: text[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}
