import NunchiArguments
import NunchiDatasets
import NunchiDocuments
import NunchiImages
import NunchiReports
import NunchiSystem

extension Data {
  /// `nunchi data preview`: some images of each class on a sheet.
  struct Preview: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "preview", abstract: "Draw some pictures of each class on a sheet",
      example: "nunchi data preview photos --out sheet.png",
      discussion: "The pictures lie at equal distances in the list, so that the same data give the same sheet.")
    @Argument(help: "data set, folder or picture") var path: String
    @Option(help: ArgumentHelp("a file that ends in .png or .jpg", valueName: "FILE")) var out: String
    @Option(help: "pictures of each class") var count = 8
    @Option(help: ArgumentHelp("side of each picture, cropped", valueName: "PIXELS")) var size = 112
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if !(1...24).contains(count) { throw ValidationError("--count expects 1 to 24, found \(count)") }
      if !(16...512).contains(size) { throw ValidationError("--size expects 16 to 512, found \(size)") }
    }

    mutating func run() throws {
      let samples = ClassSamples(try CheckSubject(path: path), each: count)
      let square = Preprocessing(width: size, height: size, channels: 3, rule: .crop)
      let rows = samples.rows.map { row in
        PictureSheet.Row(
          caption: row.name ?? "", detail: row.count == 1 ? "1 picture" : "\(Text.grouped(row.count)) pictures",
          images: row.pictures.map { square.apply(to: $0) })
      }
      guard rows.contains(where: { !$0.images.isEmpty }) else {
        throw Failure(.data, "unreadable", "\(path): expected pictures that can be read, found none", path: path)
      }
      let name = path.split(separator: "/").last.map(String.init) ?? path
      let sheet = PictureSheet(title: name, subtitle: path, sections: [PictureSheet.Section(heading: "", rows: rows)])
      try sheet.drawn().write(to: out)
      output.write(
        "data preview",
        [
          "path": JSON(out), "rows": JSON(rows.count), "columns": JSON(rows.map(\.images.count).max() ?? 0),
          "classes": JSON(samples.rows.compactMap(\.name)),
        ],
        warnings: (samples.unreadable > 0 ? ["\(samples.unreadable) pictures could not be read"] : []) + sheet.notes(),
        text: "the sheet: \(quoted(out))")
    }
  }
}
