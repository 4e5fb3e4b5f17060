import NunchiDocuments
import NunchiImages
import NunchiLayers

/// The JSON document of a model file.
struct ModelDescription {
  let architecture: LayerSpecification
  let classes: [String]
  let preprocessing: Preprocessing
  let normalization: Normalization
  let provenance: JSON
  let decision: Decision

  /// The deepest nesting of values: two levels per layer, and those of the document itself.
  private static let depthLimit = 160
  /// The longest side of an image, in pixels.
  private static let largestSide = 16384
  private static let mostClasses = 1_000_000

  init(_ model: LoadedModel, _ architecture: LayerSpecification) {
    self.architecture = architecture
    classes = model.classes
    preprocessing = model.preprocessing
    normalization = model.normalization
    provenance = model.provenance
    decision = model.decision
  }

  var json: JSON {
    var object = JSON.Object(fixed.objectValue?.members ?? [])
    if decision.temperature != 1 { object["temperature"] = .number(decision.temperature) }
    if !decision.thresholds.isEmpty {
      object["thresholds"] = .array(decision.thresholds.map { $0.map { JSON($0) } ?? .null })
    }
    return .object(object)
  }

  /// The members that every file has.
  private var fixed: JSON {
    [
      "format_version": .integer(ModelFile.formatVersion),
      "architecture": architecture.json,
      "classes": JSON(classes),
      "preprocessing": [
        "channels": .integer(preprocessing.channels),
        "color": .string(Self.color(preprocessing.channels)),
        "width": .integer(preprocessing.width),
        "height": .integer(preprocessing.height),
        "resize": .string(preprocessing.rule.rawValue),
        "filter": .string(preprocessing.filter.rawValue),
        "scale": JSON(normalization.scale),
        "mean": JSON(normalization.mean),
        "deviation": JSON(normalization.deviation),
      ],
      "provenance": provenance,
    ]
  }

  private static func color(_ channels: Int) -> String { channels == 1 ? "gray" : "rgb" }

  init(parsing text: String, path: String) throws(ModelFileError) {
    let document: DescriptionReader
    do {
      document = DescriptionReader(
        try JSON(parsing: text, limits: JSON.Limits(depth: Self.depthLimit)), path: path)
    } catch {
      throw ModelFileError(
        path: path,
        .malformedDescription(place: "the document", expected: "JSON", found: error.description))
    }
    let version = try document["format_version"].integer(in: 1...Int.max)
    guard version <= ModelFile.formatVersion else {
      throw ModelFileError(path: path, .unsupportedVersion(version))
    }
    architecture = try LayerSpecification(document["architecture"])
    classes = try Self.classes(document["classes"])
    let input = try document["preprocessing"]
    preprocessing = try Self.preprocessing(input)
    normalization = try Self.normalization(input, channels: preprocessing.channels)
    provenance = document.optional("provenance")?.json ?? .object(JSON.Object())
    decision = try Self.decision(document, classes: classes.count)
  }

  /// The decision. Its members are absent where nothing was chosen after training, and in older files.
  private static func decision(_ reader: DescriptionReader, classes: Int) throws(ModelFileError) -> Decision {
    var temperature = 1.0
    if let place = reader.optional("temperature") {
      temperature = try place.number()
      guard temperature > 0 else { throw place.malformed("a number above 0", found: place.json.compact()) }
    }
    var thresholds: [Float?] = []
    if let place = reader.optional("thresholds") {
      for element in try place.elements() { thresholds.append(element.json.isNull ? nil : try element.float()) }
      guard thresholds.count == classes else {
        throw place.malformed("\(classes) thresholds, one a class", found: "\(thresholds.count)")
      }
    }
    return Decision(temperature: temperature, thresholds: thresholds)
  }

  private static func classes(_ reader: DescriptionReader) throws(ModelFileError) -> [String] {
    var classes: [String] = []
    for element in try reader.elements() { classes.append(try element.text()) }
    guard (1...mostClasses).contains(classes.count), Set(classes).count == classes.count else {
      throw reader.malformed("names of classes, each once", found: "\(classes.count) names")
    }
    return classes
  }

  private static func preprocessing(_ reader: DescriptionReader) throws(ModelFileError) -> Preprocessing {
    let channels = try reader["channels"].integer(in: 1...3)
    guard channels != 2, try reader["color"].text() == color(channels) else {
      throw try reader["channels"].malformed("1 channel of gray or 3 of rgb", found: reader.json.compact())
    }
    let rule = try reader["resize"]
    guard let resize = ResizeRule(rawValue: try rule.text()) else {
      throw rule.malformed(ResizeRule.allCases.map(\.rawValue).joined(separator: ", "), found: rule.json.compact())
    }
    // Older files lack it: they are bilinear.
    var filter = ResampleFilter.bilinear
    if let place = reader.optional("filter") {
      guard let known = ResampleFilter(rawValue: try place.text()) else {
        let names = ResampleFilter.allCases.map(\.rawValue).joined(separator: ", ")
        throw place.malformed(names, found: place.json.compact())
      }
      filter = known
    }
    return Preprocessing(
      width: try reader["width"].integer(in: 1...largestSide),
      height: try reader["height"].integer(in: 1...largestSide),
      channels: channels, rule: resize, filter: filter)
  }

  private static func normalization(
    _ reader: DescriptionReader, channels: Int
  ) throws(ModelFileError) -> Normalization {
    func numbers(_ key: String) throws(ModelFileError) -> [Float] {
      var numbers: [Float] = []
      for element in try reader[key].elements() { numbers.append(try element.float()) }
      guard numbers.count == channels else {
        throw try reader[key].malformed("\(channels) numbers, one a channel", found: "\(numbers.count)")
      }
      return numbers
    }
    return Normalization(
      scale: try reader["scale"].float(), mean: try numbers("mean"), deviation: try numbers("deviation"))
  }
}
