import NunchiArchives
import NunchiCodecs
import NunchiDocuments
import NunchiEngine
import NunchiReports
import NunchiSystem

/// The abilities of the machine and of this build.
struct Machine {
  struct Codec {
    let name: String
    let builtIn: Bool
    /// How to get it.
    let remedy: String
  }

  let processor = Self.field("model name", in: "/proc/cpuinfo")
  let threads = WorkerPool.cores
  let available = KernelTable.available.map(\.description)
  let preferred = KernelTable.preferred.description
  let memoryBytes = Self.kibibytes("MemTotal")
  let availableBytes = Self.kibibytes("MemAvailable")
  /// The kernel's setting for transparent huge pages: always, madvise or never.
  let hugePages = Self.hugePageSetting()
  let codecs = [
    Codec(name: "JPEG", builtIn: nunchi_codec_has_jpeg(), remedy: "install libjpeg's headers and build again"),
    Codec(name: "PNG", builtIn: nunchi_codec_has_png(), remedy: "install libpng's headers and build again"),
    Codec(name: "WebP", builtIn: nunchi_codec_has_webp(), remedy: "install libwebp's headers and build again"),
    Codec(name: "GIF", builtIn: nunchi_codec_has_gif(), remedy: "install giflib's headers and build again"),
    Codec(name: "gzip", builtIn: nunchi_codec_has_gzip(), remedy: "install zlib's headers and build again"),
    Codec(
      name: "libarchive", builtIn: nunchi_archive_is_built_in(),
      remedy: "install libarchive's headers (Debian: libarchive-dev) and build again to read tar and 7z archives"),
  ]

  /// The scripts that can be drawn on sheets, besides ASCII.
  let scripts = Script.allCases.filter { SystemFonts.shared.has($0.sample) }

  /// The scripts that can be drawn, and how to get others.
  var letters: String {
    let missing = Script.allCases.filter { !scripts.contains($0) }
    let there = (["ASCII"] + scripts.map(\.name)).joined(separator: ", ")
    if missing.isEmpty { return there }
    return "\(there); for \(missing.map(\.name).joined(separator: ", ")): \(SystemFonts.remedy)"
  }

  var instructionSets: String {
    let others = available.filter { $0 != preferred }
    return preferred + (others.isEmpty ? "" : " in use, \(others.joined(separator: ", ")) also there")
  }

  var warnings: [String] {
    var warnings = codecs.filter { !$0.builtIn }.map { "\($0.name) is missing: \($0.remedy)" }
    if hugePages == "never" { warnings.append("huge pages are switched off: training runs slower") }
    if preferred == "portable" {
      warnings.append("no vector instructions are in use: everything runs many times slower")
    }
    return warnings
  }

  var document: JSON {
    [
      "version": JSON(Program.version), "processor": JSON(processor), "threads": JSON(threads),
      "instruction_sets": ["in_use": JSON(preferred), "available": JSON(available)],
      "memory_bytes": memoryBytes.map(JSON.integer) ?? .null,
      "available_bytes": availableBytes.map(JSON.integer) ?? .null, "huge_pages": JSON(hugePages),
      "codecs": .object(.init(codecs.map { .init($0.name.lowercased(), JSON($0.builtIn)) })),
      "letters": [
        "fonts_built_in": JSON(SystemFonts.isBuiltIn),
        "scripts": .object(.init(Script.allCases.map { .init($0.rawValue, JSON(scripts.contains($0))) })),
      ],
    ]
  }

  /// The word in brackets of a line such as `always [madvise] never`.
  private static func hugePageSetting() -> String? {
    guard let text = OpenFile.beginning(of: "/sys/kernel/mm/transparent_hugepage/enabled"),
      let open = text.firstIndex(of: "["), let close = text.firstIndex(of: "]"), open < close
    else { return nil }
    return String(text[text.index(after: open)..<close])
  }

  private static func kibibytes(_ name: String) -> Int? {
    field(name, in: "/proc/meminfo").flatMap { $0.split(separator: " ").first }.flatMap { Int($0) }.map { $0 * 1024 }
  }

  /// The value of the first line `name: value`.
  private static func field(_ name: String, in path: String) -> String? {
    guard let text = OpenFile.beginning(of: path) else { return nil }
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[0].split(whereSeparator: \.isWhitespace).joined(separator: " ") == name else {
        continue
      }
      return parts[1].split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }
    return nil
  }
}
