import NunchiSystem

/// A reader of files, and what must be true of it whatever the file holds.
struct FuzzTarget: Sendable {
  let name: String
  /// Whole files to begin with.
  let seeds: @Sendable () throws -> [[UInt8]]
  /// Reads a file; ends the process where something is wrong.
  let body: @Sendable ([UInt8]) -> Void

  static let all: [FuzzTarget] = [
    json, csv, list, augmentation, safetensors, description, model, idx, cifar, zipArchive, packedArchive, picture,
  ]
}

/// Ends the process, with a reason, where a condition does not hold.
func require(_ condition: Bool, _ reason: @autoclosure () -> String) {
  if !condition { fatalError(reason()) }
}

/// The files that a reader of files is given, of this process alone.
enum Scratch {
  static let folder: String = {
    var template = Array("\(getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp")/nunchi-fuzz-XXXXXX".utf8CString)
    return template.withUnsafeMutableBufferPointer { name in
      guard mkdtemp(name.baseAddress!) != nil else { fatalError("no folder for temporary files") }
      return String(cString: name.baseAddress!)
    }
  }()

  /// The path of a file with these bytes.
  static func file(_ name: String, _ bytes: [UInt8]) -> String {
    let path = "\(folder)/\(name)"
    let file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    let written = bytes.withUnsafeBytes { bytes in
      Result { () throws(FileError) in try OpenFile(number: file, path: path).write(bytes) }
    }
    close(file)
    guard file >= 0, case .success = written else { fatalError("\(path) cannot be written") }
    return path
  }

  /// Removes the files of a folder.
  static func empty(_ name: String) {
    let path = "\(folder)/\(name)"
    for file in (try? Folder.names(in: path)) ?? [] { unlink("\(path)/\(file.text)") }
  }

  /// Two files of one input: it begins with the length of the first in two bytes.
  static func halves(_ input: [UInt8]) -> (first: [UInt8], second: [UInt8]) {
    guard input.count >= 2 else { return ([], []) }
    let rest = input[2...]
    let count = min(Int(input[0]) | Int(input[1]) << 8, rest.count)
    return (Array(rest.prefix(count)), Array(rest.dropFirst(count)))
  }

  /// The input of which these are the halves.
  static func joined(_ first: [UInt8], _ second: [UInt8]) -> [UInt8] {
    [UInt8(first.count & 255), UInt8(first.count >> 8)] + first + second
  }
}
