import NunchiSystem

/// What somebody may have meant who mistyped a name.
enum NearestName {
  /// The candidate that takes the fewest letters to change, if they are few.
  static func find(_ name: String, among candidates: [String]) -> String? {
    let rated = candidates.map { (candidate: $0, letters: editDistance(name, $0)) }
    guard let best = rated.min(by: { $0.letters < $1.letters }) else { return nil }
    if best.letters <= max(1, name.count / 3) { return best.candidate }
    // Part of a longer name, as in "flip".
    return name.count < 3 ? nil : candidates.first { $0.hasPrefix(name) || $0.hasSuffix(name) || name.hasPrefix($0) }
  }
}
