import NunchiArguments
import NunchiDocuments
import NunchiEngine

/// `nunchi doctor`: the abilities of this machine and build.
struct Doctor: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Show what this machine has: CPU features in use, threads, memory, codecs, letters",
    example: "nunchi doctor --json")
  @OptionGroup var output: OutputOptions

  mutating func run() throws {
    let machine = Machine()
    var table: [(String, String)] = [
      ("nunchi", Program.version),
      ("processor", machine.processor ?? "unknown"),
      ("instructions", machine.instructionSets),
      ("threads", "\(machine.threads)"),
    ]
    if let memory = machine.memoryBytes {
      let free = machine.availableBytes.map { ", \(Text.bytes($0)) available" } ?? ""
      table.append(("memory", Text.bytes(memory) + free))
    }
    table.append(("huge pages", machine.hugePages ?? "unknown"))
    table += machine.codecs.map { ($0.name, $0.builtIn ? "built in" : "missing: \($0.remedy)") }
    table.append(("letters", machine.letters))
    let width = table.map(\.0.count).max() ?? 0
    let text = table.map { $0.0 + String(repeating: " ", count: width + 2 - $0.0.count) + $0.1 }.joined(separator: "\n")
    output.write("doctor", machine.document, warnings: machine.warnings, text: text)
  }
}
