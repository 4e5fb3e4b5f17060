import NunchiImages

/// Reads the directory at the end of a zip archive (PKWARE's APPNOTE 6.3), with ZIP64.
struct ZipDirectory {
  private let bytes: UnsafeRawBufferPointer
  private let path: String
  private let limits: ArchiveLimits

  init(_ bytes: UnsafeRawBufferPointer, path: String, limits: ArchiveLimits) {
    self.bytes = bytes
    self.path = path
    self.limits = limits
  }

  /// Where the directory lies, how many members it lists, and how far all offsets are off because of bytes that stand
  /// before the archive.
  private struct Place {
    var start: Int
    var end: Int
    var count: Int
    var shift: Int
  }

  func members() throws(DatasetError) -> [ZipArchive.Member] {
    let place = try find()
    guard place.count <= limits.members else { throw limits.tooMany(place.count, path) }
    var members: [ZipArchive.Member] = []
    members.reserveCapacity(place.count)
    var ranges: [Range<Int>] = []
    var position = place.start
    for _ in 0..<place.count {
      let record = try ZipRecord(self, at: position, before: place.end)
      let whole = try record.range(shift: place.shift, end: place.start)
      ranges.append(whole)
      members.append(try record.member(packedIn: whole))
      position = record.end
    }
    try refuseOverlaps(ranges)
    try refuseBombs(members)
    try refuseTwins(members)
    return members
  }

  // MARK: - Finding the directory

  private func find() throws(DatasetError) -> Place {
    let end = try endRecord()
    let disk = try number(end + 4, 2)
    guard disk == 0 || disk == 0xFFFF else {
      throw refusal("an archive in one file", "part of one in several files")
    }
    var place = Place(start: 0, end: end, count: try number(end + 10, 2), shift: 0)
    var (size, offset) = (try number(end + 12, 4), try number(end + 16, 4))
    let locator = end >= 20 ? try number(end - 20, 4) : 0
    if place.count == 0xFFFF || size == 0xFFFF_FFFF || offset == 0xFFFF_FFFF, locator == 0x0706_4B50 {
      // The locator gives the place of the larger record; where bytes stand before the archive, it ends at the locator.
      var large = try number(end - 12, 8)
      var mark = large <= end - 76 ? try number(large, 4) : 0
      if mark != 0x0606_4B50 {
        large = end - 76
        mark = try number(large, 4)
      }
      guard mark == 0x0606_4B50 else { throw damage("its ZIP64 record is not there") }
      place.end = large
      (place.count, size, offset) = (try number(large + 32, 8), try number(large + 40, 8), try number(large + 48, 8))
    }
    guard size <= place.end, offset <= place.end - size, place.count <= size / ZipRecord.fixedBytes else {
      throw damage("its directory does not fit")
    }
    place.start = place.end - size
    place.shift = place.start - offset
    return place
  }

  /// The record that ends the archive; a comment of up to 65,535 bytes may follow it.
  private func endRecord() throws(DatasetError) -> Int {
    var position = bytes.count - 22
    while position >= max(0, bytes.count - 22 - 0xFFFF) {
      let mark = bytes[position] == 0x50 ? try number(position, 4) : 0
      let comment = try number(position + 20, 2)
      if mark == 0x0605_4B50, comment <= bytes.count - position - 22 { return position }
      position -= 1
    }
    throw damage("its directory is missing: the file breaks off")
  }

  // MARK: - What is refused

  private func refuseOverlaps(_ ranges: [Range<Int>]) throws(DatasetError) {
    let sorted = ranges.sorted { $0.lowerBound < $1.lowerBound }
    for (one, next) in zip(sorted, sorted.dropFirst()) where next.lowerBound < one.upperBound {
      throw refusal("members that lie apart", "two that overlap")
    }
  }

  private func refuseBombs(_ members: [ZipArchive.Member]) throws(DatasetError) {
    let most = limits.bytes(of: bytes.count)
    var total = 0
    for member in members {
      let (sum, overflow) = total.addingReportingOverflow(member.size)
      guard !overflow, sum <= most else { throw limits.tooLarge(path) }
      total = sum
    }
  }

  private func refuseTwins(_ members: [ZipArchive.Member]) throws(DatasetError) {
    var seen: Set<[UInt8]> = []
    for member in members where !member.isFolder {
      guard seen.insert(Array(member.path.utf8)).inserted else {
        throw refusal("each path once", "'\(member.path)' twice")
      }
    }
  }

  // MARK: - Numbers and errors

  /// The little-endian number in `width` bytes at `offset`.
  func number(_ offset: Int, _ width: Int) throws(DatasetError) -> Int {
    guard offset >= 0, offset <= bytes.count - width else { throw damage("it breaks off") }
    var value: UInt64 = 0
    for index in 0..<width { value |= UInt64(bytes[offset + index]) << UInt64(8 * index) }
    guard let number = Int(exactly: value) else { throw damage("a size that no file has") }
    return number
  }

  func text(_ range: Range<Int>) throws(DatasetError) -> [UInt8] {
    guard range.lowerBound >= 0, range.upperBound <= bytes.count else { throw damage("it breaks off") }
    return Array(bytes[range])
  }

  func damage(_ found: String) -> DatasetError {
    DatasetError(.damagedFile(expected: "a whole zip archive", found: found), path: path)
  }

  func refusal(_ expected: String, _ found: String) -> DatasetError {
    DatasetError(.refusedArchive(expected: expected, found: found), path: path)
  }
}
