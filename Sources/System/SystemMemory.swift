/// The memory that this process may still take.
package enum SystemMemory {
  /// The physical memory of the machine, in bytes.
  package static var physical: Int {
    max(sysconf(Int32(_SC_PHYS_PAGES)), 0) * max(sysconf(Int32(_SC_PAGESIZE)), 4096)
  }

  /// The bytes that the machine has left, or that the process's control group has left where that is less.
  package static var available: Int { available(processes: "/proc", groups: "/sys/fs/cgroup", physical: physical) }

  /// - Parameters:
  ///   - processes: the folder with `meminfo` and `self/cgroup`.
  ///   - groups: the folder of control groups, of version 2 or 1.
  package static func available(processes: String, groups: String, physical: Int) -> Int {
    var least = field("MemAvailable:", in: text("\(processes)/meminfo")).map { $0 << 10 } ?? physical
    var group = ""
    for line in text("\(processes)/self/cgroup").split(separator: "\n") where line.hasPrefix("0::/") {
      group = String(line.dropFirst(3))
    }
    // The limits of all parent groups apply too.
    while true {
      let folder = groups + (group == "/" ? "" : group)
      if let limit = number("\(folder)/memory.max"), let taken = number("\(folder)/memory.current") {
        least = min(least, limit - taken + (field("inactive_file", in: text("\(folder)/memory.stat")) ?? 0))
      }
      guard let slash = group.lastIndex(of: "/") else { break }
      group = String(group[..<slash])
    }
    let old = "\(groups)/memory/memory"
    if let limit = number("\(old).limit_in_bytes"), let taken = number("\(old).usage_in_bytes") {
      least = min(least, limit - taken + (field("total_inactive_file", in: text("\(old).stat")) ?? 0))
    }
    return max(least, 0)
  }

  /// The number in a file; nil for anything else, such as `max`.
  private static func number(_ path: String) -> Int? { Int(text(path).prefix { $0 != "\n" }) }

  private static func text(_ path: String) -> String { OpenFile.beginning(of: path) ?? "" }

  /// The number after `word` at the beginning of a line.
  private static func field(_ word: String, in text: String) -> Int? {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      if words.count >= 2, words[0] == word { return Int(words[1]) }
    }
    return nil
  }
}
