import NunchiDatasets
import NunchiSystem
import NunchiTraining

/// The data, the settings, the command and the machine of a run.
struct RunFacts {
  private let run: RunRecord
  private static let mostClasses = 60
  private static let mostFiles = 50

  init(_ run: RunRecord) { self.run = run }

  // MARK: - Data

  var data: String {
    let splits = Split.allCases.filter { run.data.images($0) > 0 }
    let counts = run.data.classes.map { name in splits.map { run.data.images($0, ofClass: name) } }
    var bars = Bars()
    let most = Double(max(counts.map { $0.reduce(0, +) }.max() ?? 1, 1))
    for (name, row) in zip(run.data.classes, counts).prefix(Self.mostClasses) {
      let parts = row.enumerated().map { Bars.Part(share: Double($1) / most, kind: .coloured($0)) }
      bars.add(name, parts, row.map(Figure.grouped).joined(separator: " + "))
    }
    let rest = run.data.classes.count - Self.mostClasses
    let legend = Bars.legend(splits.map { "\($0.rawValue): \(Figure.grouped(run.data.images($0)))" })
    return "<div class=\"card\">\(legend)\(bars.body)"
      + (rest > 0 ? "<p class=\"note\">and \(rest) more classes</p>" : "") + "</div>" + identity + skipped
  }

  private var identity: String {
    let facts = [
      ("path", run.data.path), ("kind", run.data.kind), ("fingerprint", run.data.fingerprint),
      ("class weights", weights),
    ]
    return Self.table(facts.compactMap { name, value in value.map { (name, $0) } })
  }

  private var weights: String? {
    guard let values = run.data.classWeights else { return nil }
    let shown = zip(run.data.classes, values).prefix(12).map { "\($0) \(Figure.fixed($1, 3))" }
    return shown.joined(separator: ", ") + (values.count > 12 ? ", …" : "")
  }

  private var skipped: String {
    let files = run.data.skipped
    guard !files.isEmpty else { return "" }
    var table = PageTable("files left out", header: ["file", "why it was left out"], textColumns: [0, 1])
    for file in files.prefix(Self.mostFiles) { table.append([file.path, file.reason]) }
    let rest = files.count - Self.mostFiles
    return "<div class=\"card\">\(table.body)</div>" + (rest > 0 ? "<p class=\"note\">and \(rest) more</p>" : "")
  }

  // MARK: - Settings

  /// The settings in two tables, which are side by side where there is room.
  var settings: String {
    let half = (run.origins.count + 1) / 2
    let parts = [run.origins.prefix(half), run.origins.dropFirst(half)].map { settings in
      var table = PageTable("settings", header: ["setting", "value", "from"], textColumns: [0, 1, 2])
      for setting in settings {
        table.append([setting.name, setting.value.shownText ?? "–", setting.origin])
      }
      return "<div class=\"card\">\(table.body)</div>"
    }
    return "<div class=\"charts\">\(parts.joined())</div>"
  }

  // MARK: - How to repeat it

  var repeating: String {
    let words = run.repeatingCommand.map(quoted).joined(separator: " ")
    var notes = ["The same data and this command give the same weights, bit for bit, on any number of threads."]
    if run.isExtended {
      notes = ["The run was extended with --resume, so that no single command leads to its weights."]
    }
    if run.dependsOnTime { notes.append("How many epochs fit into the time depends on the machine.") }
    return
      "<div class=\"card\"><pre>\(escaped(words))</pre><p class=\"note\">\(escaped(notes.joined(separator: " ")))</p>"
      + "</div>" + next
  }

  private var next: String {
    let model = quoted(run.modelPath)
    let data = quoted(run.data.path ?? "DATA")
    let lines =
      run.commandForUse.map { command in
        [
          "# one model for use, with the settings that were tested here",
          command.map(quoted).joined(separator: " "),
        ]
      } ?? [
        "nunchi predict \(model) FILE…", "nunchi evaluate \(model) \(data)", "nunchi data check \(data)",
        "nunchi train --resume \(quoted(run.path)) --epochs +10",
      ]
    return "<h3>What comes next</h3><div class=\"card\"><pre>\(escaped(lines.joined(separator: "\n")))</pre></div>"
  }

  // MARK: - Machine

  var machine: String {
    let environment = run.environment
    let known = [
      ("nunchi", environment.version), ("started", environment.started), ("processor", environment.processor),
      ("cores", environment.cores.map(String.init)), ("threads", environment.threads.map(String.init)),
      ("instruction set", environment.kernels), ("Winograd", environment.winograd.map(String.init)),
      ("system", environment.system), ("version of the model file", environment.modelFileVersion.map(String.init)),
    ]
    var facts = known.compactMap { name, value in value.map { (name, $0) } }
    if let parameters = run.parameters { facts.append(("parameters", Figure.grouped(parameters))) }
    if let rate = run.history.last?.imagesPerSecond { facts.append(("images a second", Figure.fixed(rate, 0))) }
    return Self.table(facts)
  }

  private static func table(_ facts: [(String, String)]) -> String {
    guard !facts.isEmpty else { return "" }
    let rows = facts.map { name, value in
      "<tr><th class=\"text\" scope=\"row\">\(escaped(name))</th><td class=\"text\">\(escaped(value))</td></tr>"
    }
    return "<div class=\"card\"><table class=\"facts\">\(rows.joined(separator: "\n"))</table></div>"
  }
}
