/// The shapes of printable ASCII and ± as pen strokes.
///
/// A glyph is a list of strokes, separated by spaces. A stroke is a list of points, each of two digits of base 17
/// (`0`…`g`): x to the right, y down. Capitals reach from 0 to `c`, small letters from `4` to `c`, descenders to `g`. A
/// stroke is a line through its points; with `~` before them a curve, with `@` a closed curve. A single point is a dot.
enum Glyphs {
  private static let bowl = "@3455685b3c1b0815"
  private static let arch = "~0715345567 676c"

  /// The glyph for a character that neither this table nor a font has: an empty frame.
  static let missing = "00707c0c00"

  static let shapes: [Character: String] = capitals.merging(small) { $1 }.merging(figures) { $1 }.merging(signs) { $1 }

  private static let capitals: [Character: String] = [
    "A": "0c408c 1979", "B": "000c 0040 0656 0c5c ~4061736546 ~5677897b5c", "C": "~83714012061a4c7b89",
    "D": "000c 0030 0c3c ~3061866b3c", "E": "80000c8c 0666", "F": "80000c 0666", "G": "~83714012061a4c7b8a 8a8757",
    "H": "000c 808c 0686", "I": "000c", "J": "5059 ~594b2c0a", "K": "000c 8008 358c", "L": "000c7c",
    "M": "0c0048808c", "N": "0c008c80", "O": "@4072867a4c1a0612", "P": "000c 0050 0757 ~507183847657",
    "Q": "@4072867a4c1a0612 598d", "R": "000c 0050 0757 ~507183847657 478c", "S": "~8371401103154677897b4c1b09",
    "T": "0080 404c", "U": "0008 ~081b4c7b88 8880", "V": "004c80", "W": "003c629cc0", "X": "008c 800c",
    "Y": "004680 464c", "Z": "00800c8c",
  ]

  private static let small: [Character: String] = [
    "a": bowl + " 646c", "b": bowl + " 000c", "c": "~66553415081b3c5b6a", "d": bowl + " 606c",
    "e": "0868 ~68553415081b3c5b6a", "f": "~503123 232c 0444", "g": bowl + " 646d ~6d5f3g0f", "h": "000c " + arch,
    "i": "040c 01", "j": "242e ~2e1g0g 21", "k": "000c 640a 286c", "l": "000a ~0a0b1c2c",
    "m": "040c " + arch + " ~677594b5c7 c7cc", "n": "040c " + arch, "o": bowl, "p": bowl + " 040g",
    "q": bowl + " 646g", "r": "040c ~07153444", "s": "~653406386a3c0b", "t": "212a ~2a3c5c 0444",
    "u": "0409 ~091b3c5b69 646c", "v": "043c64", "w": "042c558ca4", "x": "046c 640c", "y": "043c 642g",
    "z": "04640c6c",
  ]

  private static let figures: [Character: String] = [
    "0": "@3051665b3c1b0611", "1": "13404c", "2": "~031130516356 560c6c", "3": "~023051635536 ~3657695b3c0a",
    "4": "5c500878", "5": "601005 ~053455685b3c0b", "6": "~502308 " + bowl, "7": "00602c",
    "8": "@3051635536150311 @3657695b3c1b0917", "9": "@3051645738170411 ~64491c",
  ]

  private static let signs: [Character: String] = [
    " ": "", "!": "0008 0c", "\"": "0003 3033", "#": "301c 705c 1484 0878", "$": "~8371401103154677897b4c1b09 404c",
    "%": "800c @20422402 @688a6c4a", "&": "~8c2321405244081b3c6b87", "'": "0003", "(": "~3013071b3e",
    ")": "~0023372b0e", "*": "3036 0165 6105", "+": "0767 343a", ",": "1b0e", "-": "0757", ".": "0c", "/": "600d",
    ":": "05 0c", ";": "15 1b0e", "<": "63076b", "=": "0565 0969", ">": "03670b", "?": "~023051635536 3638 3c",
    "@": "~8b5c1a06125092a69878 7874 @54765836", "[": "30000e3e", "\\": "006d", "]": "00303e0e", "^": "033063",
    "_": "0e7e", "`": "0022", "{": "~40212507 ~07292d4e", "|": "000e", "}": "~00212547 ~47292d0e", "~": "~08264866",
    "±": "0666 3339 0c6c",
  ]
}
