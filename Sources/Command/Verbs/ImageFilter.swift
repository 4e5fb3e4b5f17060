import NunchiArguments
import NunchiDocuments
import NunchiImages
import NunchiSystem

extension ImageCommand {
  /// `nunchi image filter`
  struct Filter: ParsableCommand {
    static let configuration = CommandConfiguration(
      commandName: "filter", abstract: "Lay a filter over a picture: edges, blur, relief",
      example: "nunchi image filter photo.jpg edges.png --filter sobel",
      discussion: """
        The first layers of a network learn filters like these. Slopes (sobel, laplacian) are shown by their size: black
        is flat. --kernel also prints the weights that were laid over each pixel.
        """)
    @Argument(help: ArgumentHelp("a picture", valueName: "IN")) var input: String
    @Argument(help: ArgumentHelp("a file that ends in .png, .jpg, .ppm, .pgm or .pnm", valueName: "OUT"))
    var out: String
    @Option(help: "which filter") var filter: Name
    @Option(help: ArgumentHelp("deviation of gaussian", valueName: "PIXELS")) var sigma: Float = 2
    @Option(help: ArgumentHelp("side of box, odd", valueName: "PIXELS")) var window = 5
    @Option(help: "how much sharpen and emboss change") var strength: Float = 1
    @Flag(help: "print the kernels") var kernel = false
    @OptionGroup var output: OutputOptions

    enum Name: String, CaseIterable, ExpressibleByArgument {
      case sobel
      case sobelX = "sobel-x"
      case sobelY = "sobel-y"
      case gaussian, box, laplacian, sharpen, emboss
    }

    func validate() throws {
      if !(0...64).contains(sigma) { throw ValidationError("--sigma expects 0 to 64, found \(sigma)") }
      if !(1...255).contains(window) || window % 2 == 0 {
        throw ValidationError("--window expects an odd number from 1 to 255, found \(window)")
      }
      if !(0...16).contains(strength) { throw ValidationError("--strength expects 0 to 16, found \(strength)") }
      if Image.FileEnding(path: out) == nil {
        throw ValidationError("OUT expects a name that ends in .png, .jpg, .ppm, .pgm or .pnm, found \"\(out)\"")
      }
      if FileStatus.isSame(input, out) {
        throw ValidationError("OUT expects another file than IN, found \"\(out)\" for both")
      }
    }

    private var chosen: ImageFilter {
      switch filter {
      case .sobel: .sobel
      case .sobelX: .sobelX
      case .sobelY: .sobelY
      case .gaussian: .gaussian(sigma: sigma)
      case .box: .box(size: window)
      case .laplacian: .laplacian
      case .sharpen: .sharpen(strength: strength)
      case .emboss: .emboss(strength: strength)
      }
    }

    mutating func run() throws {
      let filtered = chosen.apply(to: try Image(path: input))
      try filtered.write(to: out)
      let kernels = chosen.kernels
      output.write(
        "image filter",
        [
          "input": JSON(input), "output": JSON(out), "filter": JSON(filter.rawValue), "width": JSON(filtered.width),
          "height": JSON(filtered.height), "channels": JSON(filtered.channels),
          "kernels": .array(
            kernels.map {
              ["width": JSON($0.width), "height": JSON($0.height), "weights": .array($0.weights.map { JSON($0) })]
            }),
        ],
        text: "\(out): \(filtered.width)x\(filtered.height), \(filter.rawValue)\n"
          + (kernel ? kernels.map(Self.table).joined(separator: "\n") : ""))
    }

    private static func table(_ kernel: FilterKernel) -> String {
      var table = TextTable(textColumns: [])
      for y in 0..<kernel.height { table.append((0..<kernel.width).map { Text.fixed(Double(kernel[$0, y]), 4) }) }
      return table.text
    }
  }
}
