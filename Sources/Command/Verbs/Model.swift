import NunchiArguments
import NunchiDocuments
import NunchiGraph
import NunchiLayers
import NunchiModels
import NunchiTensors

/// `nunchi model`: presets and their layers.
struct Model: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model", abstract: "List the presets, look into a network", example: "nunchi model summary resnet20",
    subcommands: [List.self, Summary.self])

  /// `nunchi model list`
  struct List: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "list", abstract: "List the presets: what they are made for and what they cost",
      example: "nunchi model list")
    @OptionGroup var output: OutputOptions

    mutating func run() throws {
      var table = TextTable(header: ["model", "size", "channels", "parameters", "multiply-adds"])
      var rows: [JSON] = []
      for preset in ModelPreset.all {
        let summary = try ModelSummary(
          preset.make(classes: preset.classes), input: [1, preset.size, preset.size, preset.channels])
        table.append([
          preset.name, "\(preset.size)", "\(preset.channels)", Text.grouped(summary.parameters),
          Text.scaled(summary.multiplyAdds),
        ])
        rows.append([
          "name": JSON(preset.name), "summary": JSON(preset.summary), "size": JSON(preset.size),
          "channels": JSON(preset.channels), "classes": JSON(preset.classes), "parameters": JSON(summary.parameters),
          "multiply_adds": JSON(summary.multiplyAdds),
        ])
      }
      let longest = ModelPreset.all.map(\.name.count).max() ?? 0
      let legend = ModelPreset.all.map { preset in
        preset.name + String(repeating: " ", count: longest + 2 - preset.name.count) + preset.summary + "\n"
      }.joined()
      output.write(
        "model list", ["models": .array(rows)],
        text: """
          \(table.text)
          \(legend)
          Parameters and multiply-adds (of one image) are those of the preset's own size, channels and classes.
          """)
    }
  }

  /// `nunchi model summary`
  struct Summary: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "summary", abstract: "Show a network layer by layer: shapes, parameters, multiply-adds, memory",
      example: "nunchi model summary vgg6 --classes 5")
    @Argument(help: "a preset's name") var model: String
    @OptionGroup var shape: ModelShapeOptions
    @OptionGroup var output: OutputOptions

    mutating func run() throws {
      let preset = try ModelPreset.named(model)
      let network = try shape.network(preset)
      let side = shape.size ?? preset.size
      let summary = try ModelSummary(network, input: [1, side, side, shape.channels ?? preset.channels])
      let page = SummaryPage(name: preset.name, about: preset.summary, summary: summary)
      output.write("model summary", page.document, text: page.text)
    }
  }
}

/// The options that shape a preset.
struct ModelShapeOptions: ParsableArguments {
  @Option(help: ArgumentHelp("side of the input in pixels (default: the preset's)", valueName: "PIXELS")) var size: Int?
  @Option(help: "colour channels, 3 or 1 (default: the preset's)") var channels: Int?
  @Option(help: "classes (default: the preset's)") var classes: Int?
  @Option(help: "factor on the channels of every hidden layer") var width = 1.0
  @Option(help: "rate of every dropout (default: the preset's)") var dropout: Float?

  func network(_ preset: ModelPreset) throws -> Sequential {
    try preset.make(
      classes: classes ?? preset.classes, channels: channels, size: size, width: width, dropout: dropout)
  }
}
