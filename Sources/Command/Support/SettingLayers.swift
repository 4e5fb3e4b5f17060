import NunchiArguments
import NunchiDocuments
import NunchiSystem
import NunchiTraining

/// The settings of a training from a config file and from the environment, which overrides it.
enum SettingLayers {
  private static let verb = "train"
  /// The prefix of the variables, such as `NUNCHI_TRAIN_EPOCHS`. Other names with NUNCHI have other uses.
  private static let prefix = "NUNCHI_TRAIN"

  /// The layers for a command line, the weakest first.
  static func of(_ words: [String]) throws -> [SettingLayer] {
    guard words.first == verb else { return [] }
    var layers: [SettingLayer] = []
    if let path = configPath(words) { layers.append(try file(path)) }
    layers.append(.environment(Environment.variables, prefix: prefix))
    return layers
  }

  /// The value of `--config`. It is read before parsing, because the options override the file.
  private static func configPath(_ words: [String]) -> String? {
    let own = words.prefix { $0 != "--" }
    guard let place = own.lastIndex(where: { $0 == "--config" || $0.hasPrefix("--config=") }) else { return nil }
    if own[place] != "--config" { return String(own[place].dropFirst("--config=".count)) }
    return own.indices.contains(place + 1) ? own[place + 1] : nil
  }

  /// Reads a JSON object of settings by option name. The `config.json` of a run, where each has a value and an origin,
  /// works too.
  private static func file(_ path: String) throws -> SettingLayer {
    func refuse(_ expected: String, _ found: String) -> Failure {
      Failure(.usage, "config", "\(path): expected \(expected), found \(found)", path: path)
    }
    let document: JSON
    do {
      document = try MappedFile(path: path).withBytes { try JSON(parsing: Array($0)) }
    } catch let error as JSONError {
      throw refuse("a JSON document", "\(error)")
    }
    guard case .object(let object) = document else { throw refuse("an object of settings", document.kind) }
    var values: [(name: String, values: [String])] = []
    for member in object.members {
      let value = RunRecord.Setting(reading: member).value
      guard let texts = texts(member.key, value) else {
        throw refuse("a text or a number for \(member.key)", value.kind)
      }
      if !texts.isEmpty { values.append((member.key, texts)) }
    }
    return .configFile(path, values)
  }

  /// The texts of a value on the command line; empty where null has no text, nil where the value is invalid.
  private static func texts(_ name: String, _ value: JSON) -> [String]? {
    switch value {
    case .null, .bool, .integer, .number, .string: TrainingSetting.text(name, value).map { [$0] } ?? []
    case .array(let elements): elements.compactMap(\.plainText)
    case .object: nil
    }
  }
}

/// The output of `--print-config`: every setting with its value and origin.
struct SettingsPage {
  private let settings: [Setting]
  private static let hidden: Set<String> = ["json", "jsonl", "quiet", "config", "print-config"]

  init(_ settings: [Setting]) { self.settings = settings.filter { !Self.hidden.contains($0.name) } }

  func write(_ output: OutputOptions) {
    let members = settings.map { setting in
      JSON.Member(
        setting.name, ["value": JSON(setting.values?.joined(separator: " ")), "origin": .string(setting.origin.word)])
    }
    var table = TextTable(header: ["setting", "value", "from"], textColumns: [0, 1, 2])
    for setting in settings {
      table.append([setting.name, setting.values?.joined(separator: " ") ?? "–", setting.origin.description])
    }
    output.write("train", .object(JSON.Object(members)), text: table.text)
  }
}
