import NunchiArguments
import NunchiDatasets
import NunchiDocuments
import NunchiImages
import NunchiSystem

extension Data {
  /// `nunchi data generate blobs`
  struct Blobs: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "blobs", abstract: "Points in round clouds, one a class",
      example: "nunchi data generate blobs --out blobs.csv --picture blobs.png")
    @OptionGroup var points: PointsOptions
    @OptionGroup var classes: ClassesOption
    @OptionGroup var output: OutputOptions

    func validate() throws { try points.validate(.blobs, classes.classes) }
    mutating func run() throws { try points.write(.blobs, classes: classes.classes, output) }
  }

  /// `nunchi data generate rings`
  struct Rings: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "rings", abstract: "Points on circles inside each other, one a class",
      example: "nunchi data generate rings --out rings.csv --noise 0.2")
    @OptionGroup var points: PointsOptions
    @OptionGroup var classes: ClassesOption
    @OptionGroup var output: OutputOptions

    func validate() throws { try points.validate(.rings, classes.classes) }
    mutating func run() throws { try points.write(.rings, classes: classes.classes, output) }
  }

  /// `nunchi data generate spirals`
  struct Spirals: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "spirals", abstract: "Points on arms that wind round each other, one a class",
      example: "nunchi data generate spirals --out spirals.csv --classes 3")
    @OptionGroup var points: PointsOptions
    @OptionGroup var classes: ClassesOption
    @OptionGroup var output: OutputOptions

    func validate() throws { try points.validate(.spirals, classes.classes) }
    mutating func run() throws { try points.write(.spirals, classes: classes.classes, output) }
  }

  /// `nunchi data generate xor`
  struct Xor: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "xor", abstract: "Points in four quadrants, opposite ones of one class: no straight line parts them",
      example: "nunchi data generate xor --out xor.csv")
    @OptionGroup var points: PointsOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try points.validate(.xor, 2) }
    mutating func run() throws { try points.write(.xor, classes: 2, output) }
  }

  /// `nunchi data generate line`
  struct Line: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "line", abstract: "Points round the line y = 3x + 2, to fit",
      example: "nunchi data generate line --out line.csv --noise 0.5")
    @OptionGroup var points: PointsOptions
    @OptionGroup var output: OutputOptions

    func validate() throws { try points.validate(.line, 1) }
    mutating func run() throws { try points.write(.line, classes: 1, output) }
  }
}

/// The number of classes of a form of points.
struct ClassesOption: ParsableArguments {
  @Option(help: "classes, 2 to 9") var classes = 2
}

/// The options of every form of points.
struct PointsOptions: ParsableArguments {
  @Option(help: ArgumentHelp("a new file for the table", valueName: "FILE")) var out: String
  @Option(help: "points, all classes together") var count = 300
  @Option(help: "deviation of the noise (default: what suits the form)") var noise: Double?
  @Option(help: "which points") var seed: UInt64 = 0
  @Option(help: "columns parted by commas or tabulators") var format = Format.csv
  @Option(help: ArgumentHelp("also draw them: a new .png or .jpg file", valueName: "FILE")) var picture: String?
  @Option(help: ArgumentHelp("side of the picture", valueName: "PIXELS")) var size = 512

  enum Format: String, CaseIterable, ExpressibleByArgument {
    case csv, tsv

    var separator: String {
      switch self {
      case .csv: ","
      case .tsv: "\t"
      }
    }
  }

  func validate(_ form: GeneratedPoints.Form, _ classes: Int) throws {
    if !form.classes.contains(classes) {
      throw ValidationError(
        "--classes expects \(form.classes.lowerBound) to \(form.classes.upperBound), found \(classes)")
    }
    if !(classes...10_000_000).contains(count) {
      throw ValidationError("--count expects \(classes) to 10000000, found \(count)")
    }
    if let noise, !(0...1000).contains(noise) { throw ValidationError("--noise expects 0 to 1000, found \(noise)") }
    if !(16...4096).contains(size) { throw ValidationError("--size expects 16 to 4096, found \(size)") }
    if let picture, ![".png", ".jpg", ".jpeg"].contains(where: picture.lowercased().hasSuffix) {
      throw ValidationError("--picture expects a name that ends in .png or .jpg, found \"\(picture)\"")
    }
  }

  /// Generates the points and writes them.
  func write(_ form: GeneratedPoints.Form, classes: Int, _ output: OutputOptions) throws {
    for path in [out, picture].compactMap(\.self) where access(path, F_OK) == 0 {
      throw Failure(
        .data, "file", "\(path): expected a new file, found one that is there", hint: "choose another name", path: path)
    }
    let points = GeneratedPoints(form, count: count, noise: noise, seed: seed, classes: classes)
    do {
      try AtomicFile.write(points.table(separator: format.separator), to: out)
      if let picture { try points.picture(size: size).write(to: picture) }
    } catch let error as FileError {
      throw Failure(.data, "file", error.description, hint: "check the path and the room on the disk", path: error.path)
    } catch let error as ImageError {
      throw Failure(.data, "file", error.problem, hint: error.remedy, path: error.source)
    }
    let columns = form == .line ? ["x", "y"] : ["x", "y", "label"]
    output.write(
      "data generate \(form.rawValue)",
      [
        "path": JSON(out), "points": JSON(count), "columns": JSON(columns), "classes": JSON(classes),
        "noise": JSON(noise ?? form.usualNoise), "seed": .seed(seed), "picture": JSON(picture),
      ],
      text: "\(count) points in \(out), columns \(columns.joined(separator: ", "))"
        + (picture.map { "\na picture of them in \($0)" } ?? ""))
  }
}
