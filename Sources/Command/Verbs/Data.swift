import NunchiArguments
import NunchiDatasets

/// `nunchi data`: data sets.
struct Data: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data", abstract: "Examine, divide, make and download data sets", example: "nunchi data check photos",
    subcommands: [Check.self, Stats.self, Divide.self, Preview.self, Generate.self, Get.self])
}

extension Split {
  var purpose: String {
    switch self {
    case .train: "training"
    case .validation: "validation"
    case .test: "testing"
    }
  }
}
