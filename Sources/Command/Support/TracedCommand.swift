import NunchiArguments

/// A command that receives its settings with their origins.
protocol TracedCommand: ParsableCommand {
  mutating func run(settings: [Setting]) throws
}

extension TracedCommand {
  mutating func run() throws { try run(settings: []) }
}
