/// The memory of this process.
package enum ProcessMemory {
  /// The peak resident memory so far, in MiB.
  package static var peakMebibytes: Double {
    var usage = rusage()
    #if canImport(Darwin) || canImport(Musl)
    getrusage(RUSAGE_SELF, &usage)
    #else
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    #endif
    #if canImport(Darwin)
    return Double(usage.ru_maxrss) / 1_048_576
    #else
    return Double(usage.ru_maxrss) / 1024
    #endif
  }
}
