import NunchiArguments
import NunchiDocuments
import NunchiImages

/// `nunchi augment list`
struct AugmentList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List every transform with its parameters, and the presets",
    example: "nunchi augment list")
  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    let transforms = Transforms.all.map { kind in
      (kind: kind, settings: AnyTransform(kind.init()).settings)
    }
    output.write(
      "augment list",
      [
        "transforms": .array(transforms.map { Self.document($0.kind, $0.settings) }),
        "presets": .array(
          Augmentation.presets.map {
            ["name": JSON($0.name), "summary": JSON($0.summary), "text": JSON($0.augmentation.text)]
          }),
        "fills": ["mirror", "edge", "0 to 255"],
      ],
      text: Self.page(transforms))
  }

  private static func document(_ kind: any Transform.Type, _ settings: [TransformSetting]) -> JSON {
    [
      "name": JSON(kind.name), "summary": JSON(kind.summary), "amounts": JSON(kind.amounts.word),
      "parameters": .array(
        settings.map {
          [
            "name": JSON($0.name), "default": JSON($0.standard), "minimum": JSON($0.range.lowerBound),
            "maximum": JSON($0.range.upperBound),
          ]
        }),
    ]
  }

  private static func page(_ transforms: [(kind: any Transform.Type, settings: [TransformSetting])]) -> String {
    var table = TextTable(textColumns: [0, 1])
    for (kind, settings) in transforms {
      table.append([kind.name, kind.summary])
      let parameters = settings.map {
        "\($0.name) \(Text.short($0.standard)) (\(Text.short($0.range.lowerBound)) to \(Text.short($0.range.upperBound)))"
      }
      table.append(["", "  " + (parameters.isEmpty ? "how often (0 to 1)" : parameters.joined(separator: ", "))])
    }
    let presets = Augmentation.presets.map { preset in
      "\(preset.name): \(preset.summary)\n" + Text.wrapped(preset.augmentation.text, to: 100, indent: 2)
    }
    return """
      \(table.text)
      Parameters are bounds: each picture gets a random amount up to them. Behind each its default and its range.

      \(presets.joined(separator: "\n"))
      Put together (--augment TEXT): items with commas between them happen one after another;
        flip-horizontal(0.5)                     this often
        sometimes(0.3, rotate(degrees: 20))      with this probability
        one-of(zoom(share: 0.2), 2 * elastic)    one of them, the second twice as often
        some-of(1..2, shear-x, shear-y, crop)    one or two of them
        light, elastic                           a preset and more
        fill: edge, rotate                       outside the picture: mirror (the default), edge, or a gray level
      All geometry of a picture is done in one resampling, then samples change in the order listed.
      """
  }
}

extension Text {
  /// Wraps a text at spaces into lines of at most so many characters.
  fileprivate static func wrapped(_ text: String, to width: Int, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    var (lines, line) = ("", margin)
    for word in text.split(separator: " ") {
      if line.count + word.count + 1 > width, line != margin {
        lines += line + "\n"
        line = margin
      }
      line += (line == margin ? "" : " ") + word
    }
    return line == margin ? lines : lines + line + "\n"
  }
}

extension Amounts {
  fileprivate var word: String {
    switch self {
    case .signed: "signed"
    case .positive: "positive"
    case .fixed: "fixed"
    }
  }
}
