/// Hashes of 64 bits, found by likeness without comparing with all of them.
///
/// Of four bands of 16 bits at least one differs in at most two where the whole differs in at most 11: looking up the 137
/// neighbours of each band finds every such hash.
package struct HashIndex: Sendable {
  /// Hashes are found within this many bits.
  package static let distance = 11

  private let hashes: [UInt64]
  private let bands: [Band]

  /// - Parameter hashes: `nil` for what is not to be found.
  package init(_ hashes: [UInt64?]) {
    self.hashes = hashes.map { $0 ?? 0 }
    bands = (0..<4).map { Band(shift: UInt64(16 * $0), hashes) }
  }

  /// Calls `body` once for each hash within the distance.
  package func candidates(_ probe: UInt64, _ body: (_ place: Int, _ distance: Int) -> Void) {
    for (number, band) in bands.enumerated() {
      band.neighbours(of: probe) { place in
        let difference = hashes[place] ^ probe
        guard difference.nonzeroBitCount <= Self.distance else { return }
        // What an earlier band has found is not told again.
        for earlier in 0..<number where (difference >> UInt64(16 * earlier) & 0xFFFF).nonzeroBitCount <= 2 { return }
        body(place, difference.nonzeroBitCount)
      }
    }
  }

  /// The places of hashes by 16 of their bits.
  private struct Band {
    let shift: UInt64
    /// The places of value v are `members[starts[v]..<starts[v + 1]]`.
    private let starts: [Int32]
    private let members: [Int32]

    /// All numbers of 16 bits with at most two set.
    private static let near: [UInt64] = {
      let single = (0..<16).map { UInt64(1) << UInt64($0) }
      let double = (0..<16).flatMap { one in (one + 1..<16).map { single[one] | single[$0] } }
      return [0] + single + double
    }()

    init(shift: UInt64, _ hashes: [UInt64?]) {
      self.shift = shift
      func value(_ hash: UInt64) -> Int { Int(hash >> shift & 0xFFFF) }
      var starts = [Int32](repeating: 0, count: 65537)
      for case let hash? in hashes { starts[value(hash) + 1] += 1 }
      for value in 0..<65536 { starts[value + 1] += starts[value] }
      var next = starts
      var members = [Int32](repeating: 0, count: Int(starts[65536]))
      for (place, hash) in hashes.enumerated() {
        guard let hash else { continue }
        members[Int(next[value(hash)])] = Int32(place)
        next[value(hash)] += 1
      }
      self.starts = starts
      self.members = members
    }

    func neighbours(of probe: UInt64, _ body: (Int) -> Void) {
      let value = probe >> shift & 0xFFFF
      for change in Self.near {
        let place = Int(value ^ change)
        for index in Int(starts[place])..<Int(starts[place + 1]) { body(Int(members[index])) }
      }
    }
  }
}
