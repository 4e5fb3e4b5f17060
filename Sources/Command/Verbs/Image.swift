import NunchiArguments
import NunchiDocuments
import NunchiImages
import NunchiSystem

/// `nunchi image`: works on single images. (`Image` is the type of an image.)
struct ImageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "image", abstract: "Work on a single picture", example: "nunchi image convert photo.webp photo.png",
    subcommands: [Convert.self, Filter.self])

  /// `nunchi image convert`
  struct Convert: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "convert", abstract: "Write a picture as a model sees it, or in another format",
      example: "nunchi image convert photo.jpg small.png --size 224 --resize pad",
      discussion: """
        Reads JPEG, PNG, WebP, GIF, BMP and PNM by content, as training does: upright, the first frame, transparency over
        white, eight bits. The format written follows the ending of OUT.
        """)
    @Argument(help: ArgumentHelp("a picture, or - for standard input", valueName: "IN")) var input: String
    @Argument(help: ArgumentHelp("a file that ends in .png, .jpg, .ppm, .pgm or .pnm", valueName: "OUT"))
    var out: String
    @Option(help: "how the picture becomes square, with --size (default: crop)") var resize: ResizeRule?
    @Option(help: ArgumentHelp("side of a square to scale to", valueName: "PIXELS")) var size: Int?
    @Option(help: "what scaled samples are made of, with --size") var filter = ResampleFilter.bilinear
    @Option(help: "colour channels, 3 or 1 (default: the picture's)") var channels: Int?
    @Option(help: "quality of a JPEG, 1 to 100") var quality = 92
    @OptionGroup var output: OutputOptions

    func validate() throws {
      if let size, !(1...65536).contains(size) { throw ValidationError("--size expects 1 to 65536, found \(size)") }
      if resize != nil, size == nil { throw ValidationError("--resize expects --size with it, found none") }
      if let channels, channels != 1, channels != 3 {
        throw ValidationError("--channels expects 1 or 3, found \(channels)")
      }
      if !(1...100).contains(quality) { throw ValidationError("--quality expects 1 to 100, found \(quality)") }
      if Image.FileEnding(path: out) == nil {
        throw ValidationError("OUT expects a name that ends in .png, .jpg, .ppm, .pgm or .pnm, found \"\(out)\"")
      }
      if FileStatus.isSame(input, out) {
        throw ValidationError("OUT expects another file than IN, found \"\(out)\" for both")
      }
    }

    mutating func run() throws {
      let decoder = ImageDecoder()
      let (header, image, scale) = try read(with: decoder)
      try image.write(to: out, quality: quality)
      let result: JSON = [
        "input": JSON(input), "output": JSON(out), "format": JSON(header.format.rawValue),
        "width": JSON(image.width), "height": JSON(image.height), "channels": JSON(image.channels),
        "oriented": JSON(header.isTurned), "scale": JSON(scale.denominator),
      ]
      let notes = [
        header.isTurned ? ", turned upright" : "", scale == .full ? "" : ", decoded at 1/\(scale.denominator)",
      ]
      output.write(
        "image convert", result,
        text: """
          \(out): \(image.width)x\(image.height), \(image.channels == 1 ? "gray" : "colour"), from a \
          \(header.format.rawValue) of \(header.width)x\(header.height)\(notes.joined())
          """)
    }

    /// The header of the file, the image to write, and the scale at which it was decoded.
    private func read(with decoder: ImageDecoder) throws(ImageError) -> (ImageHeader, Image, DecodingScale) {
      let bytes = input == "-" ? try FileBytes.standardInput() : try FileBytes.read(input)
      do {
        let header = try decoder.header(of: bytes)
        guard let size else {
          let image = try decoder.decode(bytes)
          return (header, image.converted(toChannels: channels ?? image.channels), .full)
        }
        let preprocessing = Preprocessing(
          width: size, height: size, channels: channels ?? header.channels, rule: resize ?? .crop,
          filter: filter)
        let image = try decoder.decode(bytes, for: preprocessing)
        return (header, preprocessing.apply(to: image), decoder.scale(of: header, for: preprocessing))
      } catch {
        throw error.about(input == "-" ? "standard input" : input)
      }
    }
  }
}
