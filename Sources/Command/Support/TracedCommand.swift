import NunchiArguments

/// A command that wants to know where each of its settings comes from.
protocol TracedCommand: ParsableCommand {
  mutating func run(settings: [Setting]) throws
}

extension TracedCommand {
  mutating func run() throws { try run(settings: []) }
}
