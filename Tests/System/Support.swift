import NunchiSystem
import Testing

/// A new folder that the body works in; removed afterwards.
func withFolder(_ body: (String) throws -> Void) throws {
  var template = Array("/tmp/nunchi-system-XXXXXX".utf8CString)
  let folder = try #require(
    template.withUnsafeMutableBufferPointer { mkdtemp($0.baseAddress!) }.map { String(cString: $0) })
  defer { remove(folder) }
  try body(folder)
}

private func remove(_ folder: String) {
  for name in names(in: folder) {
    let path = "\(folder)/\(name)"
    if unlink(path) != 0 { remove(path) }
  }
  rmdir(folder)
}

/// Read without the code under test.
func names(in folder: String) -> [String] {
  guard let handle = opendir(folder) else { return [] }
  defer { closedir(handle) }
  var names: [String] = []
  while let entry = readdir(handle) {
    let name = withUnsafePointer(to: &entry.pointee.d_name) {
      $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
    }
    if name != "." && name != ".." { names.append(name) }
  }
  return names.sorted()
}
