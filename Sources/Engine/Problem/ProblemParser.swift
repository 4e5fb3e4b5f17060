/// A text that is no problem: who, what was expected, what was found, and a remedy.
package struct ProblemError: Error, Hashable, CustomStringConvertible {
  package let text: String
  package let expected: String
  package let found: String
  package let remedy: String?

  package var description: String {
    "\"\(text)\" expects \(expected), found \(found)" + (remedy.map { "; \($0)" } ?? "")
  }
}

extension LayerProblem {
  /// The largest number in a problem, and the floats of its largest array.
  private static let largestNumber = 1_000_000
  private static let largestArray = 1 << 29

  /// Parses what `description` and plans print. Fields behind the name come in any order, `f32` is optional, and `F(4,3)`,
  /// the plan's choice, is ignored.
  package init(parsing text: String) throws(ProblemError) {
    let fields = try ProblemFields(text)
    switch fields.name {
    case "gemm":
      let (m, n, k) = (try fields.number("m"), try fields.number("n"), try fields.number("k"))
      layer = fields.isTransposed ? .product(rows: k, inputs: m, outputs: n) : .product(rows: m, inputs: k, outputs: n)
      directions = fields.isTransposed ? [.weightGradient] : Direction.allCases
    case "conv-dx": (layer, directions) = (try Self.convolution(fields), [.inputGradient])
    case "conv-dw": (layer, directions) = (try Self.convolution(fields), [.weightGradient])
    default: (layer, directions) = (try Self.convolution(fields), Direction.allCases)
    }
    if let largest = sizes.max(), largest > Self.largestArray {
      throw fields.error("arrays of at most \(Self.largestArray) numbers", "\(largest)")
    }
  }

  private static func convolution(_ fields: ProblemFields) throws(ProblemError) -> Layer {
    let (batch, channels, outputs) = (try fields.number("mb"), try fields.number("ic"), try fields.number("oc"))
    let (height, kernel) = (try fields.number("ih"), try fields.number("kh"))
    let problem = ConvolutionProblem(
      batch: batch, channels: channels, outputs: outputs, height: height,
      width: try fields.number("iw", default: height), kernelHeight: kernel,
      kernelWidth: try fields.number("kw", default: kernel), stride: try fields.number("s", default: 1),
      padding: try fields.number("p", default: 0, least: 0), dilation: try fields.number("d", default: 1),
      groups: try fields.number("g", default: 1))
    guard problem.channels % problem.groups == 0, problem.outputs % problem.groups == 0 else {
      throw fields.error(
        "ic and oc to be multiples of g", "ic\(problem.channels) oc\(problem.outputs) g\(problem.groups)")
    }
    guard problem.outHeight > 0, problem.outWidth > 0 else {
      throw fields.error(
        "a window inside the padded image",
        "\(problem.kernelHeight)x\(problem.kernelWidth) d\(problem.dilation) on \(problem.height)x\(problem.width) "
          + "p\(problem.padding)")
    }
    return .convolution(problem)
  }

  /// The words of a problem.
  private struct ProblemFields {
    let text: String
    let name: String
    private(set) var isTransposed = false
    private var numbers: [String: Int] = [:]

    private static let example =
      "for example \"conv mb100 ic32 oc64 ih112 kh3 s1 p1 f32\" or \"gemm m100 n512 k6272 f32\""
    private static let meanings = [
      "mb": "the images of a batch", "ic": "the input channels", "oc": "the output channels",
      "ih": "the image's height",
      "iw": "the image's width", "kh": "the kernel's height", "kw": "the kernel's width", "s": "the stride",
      "p": "the padding", "d": "the dilation", "g": "the groups", "m": "the rows", "n": "the columns",
      "k": "the length of the sums",
    ]

    init(_ text: String) throws(ProblemError) {
      self.text = text
      let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
      name = words.first ?? ""
      let isProduct = name == "gemm"
      guard isProduct || ["conv", "conv-dx", "conv-dw"].contains(name) else {
        let found = name.isEmpty ? "nothing" : "\"\(name)\""
        throw ProblemError(
          text: text, expected: "conv, conv-dx, conv-dw or gemm first", found: found,
          remedy: "put each problem in quotes, " + Self.example)
      }
      let keys = isProduct ? ["m", "n", "k"] : ["mb", "ic", "oc", "ih", "iw", "kh", "kw", "s", "p", "d", "g"]
      for word in words.dropFirst() where word != "f32" {
        if isProduct, word == "ta" {
          isTransposed = true
        } else if isProduct || !["F(2,3)", "F(4,3)"].contains(word) {
          try read(word, keys)
        }
      }
    }

    private mutating func read(_ word: String, _ keys: [String]) throws(ProblemError) {
      let key = String(word.prefix { !$0.isWholeNumber && $0 != "-" })
      guard keys.contains(key), let number = Int(word.dropFirst(key.count)) else {
        throw error("fields \(keys.joined(separator: ", ")) with a whole number, and f32", "\"\(word)\"")
      }
      guard number <= LayerProblem.largestNumber else {
        throw error("numbers up to \(LayerProblem.largestNumber)", "\"\(word)\"")
      }
      guard numbers.updateValue(number, forKey: key) == nil else { throw error("\(key) once", "\"\(word)\" again") }
    }

    /// The number behind `key`, at least `least`.
    func number(_ key: String, default fallback: Int? = nil, least: Int = 1) throws(ProblemError) -> Int {
      guard let number = numbers[key] ?? fallback else {
        let hint = text.contains(where: \.isWhitespace) ? Self.example : "put each problem in quotes, " + Self.example
        throw ProblemError(text: text, expected: "\(key), \(Self.meanings[key]!)", found: "none", remedy: hint)
      }
      guard number >= least else { throw error("\(key), \(Self.meanings[key]!), of at least \(least)", "\(number)") }
      return number
    }

    func error(_ expected: String, _ found: String) -> ProblemError {
      ProblemError(text: text, expected: expected, found: found, remedy: nil)
    }
  }
}
