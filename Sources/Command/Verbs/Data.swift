import NunchiArguments
import NunchiDatasets

/// `nunchi data`: data sets.
struct Data: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Examine, divide, make and download data sets", example: "nunchi data check photos",
    subcommands: [Check.self, Stats.self, Divide.self, Preview.self, Generate.self, Get.self])
}

extension Split {
  /// As in "test pictures".
  var adjective: String {
    switch self {
    case .train: "training"
    case .validation: "validation"
    case .test: "test"
    }
  }

  var purpose: String {
    switch self {
    case .train: "training"
    case .validation: "validation"
    case .test: "testing"
    }
  }
}

/// A path as it would be typed in a shell.
func quoted(_ path: String) -> String {
  let plain = path.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "_"),
      UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: ","), UInt8(ascii: "="), 0x80...0xFF:
      true
    default: false
    }
  }
  return plain && !path.isEmpty
    ? path
    : "'"
      + path.split(separator: "'", omittingEmptySubsequences: false)
      .joined(separator: "'\\''") + "'"
}
