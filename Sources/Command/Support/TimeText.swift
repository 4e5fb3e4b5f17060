import NunchiArguments

/// A duration as people write it: `90s`, `10m`, `1h30m`; a bare number is seconds.
struct TimeText: ExpressibleByArgument {
  let seconds: Double
  let argumentText: String

  private static let units: [Character: Double] = ["h": 3600, "m": 60, "s": 1]

  init?(argument: String) {
    var (total, digits) = (0.0, "")
    var isBare = true
    for letter in argument.lowercased() {
      if letter.isNumber || letter == "." {
        digits.append(letter)
      } else {
        guard let unit = Self.units[letter], let count = Double(digits) else { return nil }
        total += count * unit
        (digits, isBare) = ("", false)
      }
    }
    if !digits.isEmpty {
      guard isBare, let count = Double(digits) else { return nil }
      total = count
    }
    guard total > 0 else { return nil }
    (seconds, argumentText) = (total, argument)
  }

  static let expectation = "a duration such as 90s, 10m or 1h30m"
  static let placeholder = "DURATION"
}
