import FuzzDriver
import NunchiSystem

// Gives a reader of files what libFuzzer makes of whole files, guided by what runs through new code:
//
//     parser-fuzz                              the names of the targets
//     parser-fuzz TARGET seeds FOLDER          the whole files of a target, into a folder
//     parser-fuzz TARGET [FLAG ...] FOLDER     libFuzzer's command line
//     parser-fuzz TARGET FILE                  reads one file, as in a finding
//
// `make fuzz` builds it with libFuzzer and the address sanitizer; without them it only reads single files.

private let arguments = CommandLine.arguments
if arguments.count < 2 {
  for target in FuzzTarget.all { print(target.name) }
  exit(0)
}
guard let target = FuzzTarget.all.first(where: { $0.name == arguments[1] }) else {
  print("no target is called \(arguments[1]); there are \(FuzzTarget.all.map(\.name).joined(separator: ", "))")
  exit(2)
}
private let body = target.body

private func read(_ bytes: UnsafePointer<UInt8>?, _ count: Int) {
  body(Array(UnsafeBufferPointer(start: bytes, count: count)))
}

if arguments.count == 4, arguments[2] == "seeds" {
  for (index, seed) in try target.seeds().enumerated() {
    try AtomicFile.write(seed, to: "\(arguments[3])/seed-\(index)", synchronised: false)
  }
  exit(0)
}
// libFuzzer takes the target's name for that of the program.
private let status = fuzz_run(CommandLine.argc - 1, CommandLine.unsafeArgv + 1) { read($0, $1) }
if status >= 0 { exit(status) }
for path in arguments.dropFirst(2) where !path.hasPrefix("-") {
  let bytes = try MappedFile(path: path).withBytes { Array($0) }
  bytes.withUnsafeBufferPointer { read($0.baseAddress, $0.count) }
  print("\(path): nothing is wrong")
}
