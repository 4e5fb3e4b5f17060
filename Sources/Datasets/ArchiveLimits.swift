import NunchiImages

/// What an archive may ask for. The members together may hold `fixedBytes`, and `ratio` times the archive's size on top.
package struct ArchiveLimits: Sendable {
  package var members = 5_000_000
  package var ratio = 100
  package var fixedBytes = 1 << 30

  package init() {}

  /// What may come out of an archive of `count` bytes.
  func bytes(of count: Int) -> Int {
    let (most, overflow) = count.multipliedReportingOverflow(by: ratio)
    return overflow ? .max : most.addingReportingOverflow(fixedBytes).overflow ? .max : most + fixedBytes
  }

  func tooMany(_ count: Int, _ path: String) -> DatasetError {
    DatasetError(.refusedArchive(expected: "at most \(members) members", found: "\(count)"), path: path)
  }

  func tooLarge(_ path: String) -> DatasetError {
    DatasetError(
      .refusedArchive(
        expected: "at most \(ratio) times the bytes of the archive", found: "members that expand to more"), path: path)
  }
}
