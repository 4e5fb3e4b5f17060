/// What somebody may have meant who mistyped a name.
enum NearestName {
  /// The candidate that takes the fewest letters to change, if they are few.
  static func find(_ name: String, among candidates: [String]) -> String? {
    let rated = candidates.map { (candidate: $0, letters: distance(Array(name), Array($0))) }
    guard let best = rated.min(by: { $0.letters < $1.letters }) else { return nil }
    if best.letters <= max(1, name.count / 3) { return best.candidate }
    // Part of a longer name, as in "flip".
    return name.count < 3 ? nil : candidates.first { $0.hasPrefix(name) || $0.hasSuffix(name) || name.hasPrefix($0) }
  }

  /// Letters inserted, left out or exchanged.
  private static func distance(_ one: [Character], _ other: [Character]) -> Int {
    var row = Array(0...other.count)
    for (i, letter) in one.enumerated() {
      var diagonal = row[0]
      row[0] = i + 1
      for (j, second) in other.enumerated() {
        let exchanged = diagonal + (letter == second ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(exchanged, row[j] + 1, diagonal + 1)
      }
    }
    return row[other.count]
  }
}
