import NunchiArguments
import NunchiDatasets
import NunchiDocuments
import NunchiImages
import NunchiReports
import NunchiSystem

/// `nunchi augment preview`
struct AugmentPreview: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "preview", abstract: "Draw what transforms do to a picture, on a sheet",
    example: "nunchi augment preview photo.jpg --out sheet.png --augment medium",
    discussion: """
      With --augment the sheet shows twelve draws as training would make them, with --transform each of those named at five
      strengths, and with neither of them every transform. Without PICTURE a drawn face is taken.
      """)
  @Argument(help: ArgumentHelp("a picture (default: a drawn face)", valueName: "PICTURE")) var picture: String?
  @Option(help: ArgumentHelp("a file that ends in .png or .jpg", valueName: "FILE")) var out: String
  @Option(help: ArgumentHelp("random changes: light, medium, heavy, trivial or a text", valueName: "TEXT"))
  var augment: String?
  @Option(help: ArgumentHelp("a transform to show, such as fog or rotate(40); several times", valueName: "NAME"))
  var transform: [String] = []
  @Option(help: ArgumentHelp("side of each picture, cropped", valueName: "PIXELS")) var size = 160
  @Option(help: "of everything random") var seed: UInt64 = 0
  @OptionGroup var output: OutputOptions

  func validate() throws {
    if !(16...1024).contains(size) { throw ValidationError("--size expects 16 to 1024, found \(size)") }
    if Image.FileEnding(path: out) == nil {
      throw ValidationError("--out expects a name that ends in .png, .jpg, .ppm or .pnm, found \"\(out)\"")
    }
    if let picture, FileStatus.isSame(picture, out) {
      throw ValidationError("--out expects another file than PICTURE, found \"\(out)\" for both")
    }
    _ = try drawn("--augment", augment)
    for text in transform { _ = try named(text) }
  }

  /// The transform of this name, or those of a text.
  private func named(_ text: String) throws -> [AnyTransform] {
    if let transform = Transforms.named(text) { return [transform] }
    return try drawn("--transform", text)?.transforms ?? []
  }

  /// The augmentation of a text, if there is one.
  private func drawn(_ option: String, _ text: String?) throws -> Augmentation? {
    guard let text else { return nil }
    do throws(AugmentationError) {
      return try Augmentation(parsing: text)
    } catch {
      throw ValidationError("\(option): \(error)")
    }
  }

  mutating func run() throws {
    let image = try subject()
    var sections: [PictureSheet.Section] = []
    let augmentation = try drawn("--augment", augment)
    if let augmentation {
      sections.append(TransformSheet.draws(of: augmentation, image, identity: picture ?? "face", seed: seed))
    }
    var shown = try transform.flatMap(named)
    if shown.isEmpty && augmentation == nil { shown = Transforms.all.map { AnyTransform($0.init()) } }
    sections += TransformSheet.rows(shown, image, seed: seed)
    let sheet = PictureSheet(
      title: augmentation == nil ? "Transforms" : "Augmentation",
      subtitle: augmentation?.text ?? "each at five strengths, with the same random numbers", sections: sections)
    try sheet.drawn().write(to: out)
    let columns = sections.flatMap(\.rows).map(\.images.count).max() ?? 0
    let rows = sections.reduce(0) { $0 + $1.rows.count }
    output.write(
      "augment preview",
      [
        "path": JSON(out), "rows": JSON(rows), "columns": JSON(columns), "augment": JSON(augmentation?.text),
        "transforms": JSON(shown.map(\.name)), "seed": .seed(seed),
      ],
      warnings: sheet.notes(), text: "\(out): \(rows) rows of up to \(columns) pictures")
  }

  /// The image after preprocessing to this size.
  private func subject() throws -> Image {
    guard let picture else { return GeneratedFaces.image(seed: seed, index: 0, size: size) }
    let image = try ImageDecoder().decode(path: picture)
    return Preprocessing(width: size, height: size, channels: image.channels, rule: .crop).apply(to: image)
  }
}
