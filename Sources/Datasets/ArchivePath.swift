/// Paths inside archives.
enum ArchivePath {
  /// The path with `/` between its parts; `nil` where it would lead out of the folder that an archive is unpacked in.
  static func safe(_ name: String) -> String? {
    let parts = name.split(separator: "/").filter { $0 != "." }
    let hasDrive = name.utf8.dropFirst().first == UInt8(ascii: ":")
    guard !name.hasPrefix("/"), !hasDrive, !parts.isEmpty, !parts.contains(".."), !name.utf8.contains(0) else {
      return nil
    }
    return parts.joined(separator: "/")
  }

  /// For messages: without control characters, which a terminal would obey.
  static func shown(_ name: String) -> String {
    String(String.UnicodeScalarView(name.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7F ? "?" : $0 }))
  }
}
