import NunchiArguments

/// `nunchi augment`: random changes of training pictures.
struct Augment: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "augment", abstract: "List the changes of training pictures, write changed copies",
    example: "nunchi augment list", subcommands: [AugmentList.self, AugmentApply.self])
}
