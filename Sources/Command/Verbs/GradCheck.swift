import NunchiArguments
import NunchiDocuments
import NunchiGraph
import NunchiModels

/// `nunchi gradcheck`: compares analytic with numerical gradients.
struct GradCheck: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gradcheck", abstract: "Compare the gradients of networks and operations with numerical ones",
    example: "nunchi gradcheck resnet20",
    discussion: """
      Derivatives are compared with central differences in double precision, by the reference that every kernel is
      tested against; a preset is checked in its miniature. The error is relative to the larger derivative. At a kink,
      such as ReLU's, there is no derivative: those samples are counted apart. Exit status 6 where an error reaches 1e-5.
      """)
  @Argument(help: "a preset's name") var model: String?
  @Flag(help: "check every operation and every preset") var all = false
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if model == nil, !all { throw ValidationError("expects a model or --all; nunchi model list names the models") }
    if model != nil, all { throw ValidationError("expects a model or --all, found both") }
  }

  mutating func run() throws {
    let presets = try model.map { [try ModelPreset.named($0)] } ?? ModelPreset.all
    let progress = ProgressLine()
    var rows: [GradientCheck.Row] = []
    for operation in all ? operationCases : [] {
      progress.show("checking \(operation.name)")
      rows.append(try operation.check())
    }
    for preset in presets {
      progress.show("checking \(preset.name)")
      rows.append(try preset.checkGradients())
    }
    progress.clear()
    try write(rows)
  }

  private func write(_ rows: [GradientCheck.Row]) throws {
    let worst = rows.map(\.worstRelativeError).max() ?? 0
    let result: JSON = [
      "tolerance": JSON(GradientCheck.tolerance), "worst_relative_error": JSON(worst),
      "rows": .array(
        rows.map { row in
          [
            "name": JSON(row.name), "kind": JSON(row.kind.rawValue),
            "worst_relative_error": JSON(row.worstRelativeError), "samples": JSON(row.samples),
            "kinks": JSON(row.kinks), "worst": JSON(row.worst),
          ]
        }),
    ]
    guard let failed = rows.first(where: { !($0.worstRelativeError < GradientCheck.tolerance) }) else {
      return output.write("gradcheck", result, text: text(rows))
    }
    let failure = Failure(
      .gate, "gradient",
      "expected errors below \(Text.scientific(GradientCheck.tolerance)), found "
        + "\(Text.scientific(failed.worstRelativeError)) in \(failed.name) at \(failed.worst)")
    try output.write("gradcheck", result, missing: failure, text: text(rows))
  }

  private func text(_ rows: [GradientCheck.Row]) -> String {
    var table = TextTable(header: ["", "worst error", "samples", "kinks"])
    for row in rows {
      table.append([row.name, Text.scientific(row.worstRelativeError), "\(row.samples)", "\(row.kinks)"])
    }
    return table.text
  }
}
