/// Parses durations such as `90s`, `10m` and `1h30m`. A bare number is seconds.
enum DurationText {
  private static let units: [Character: Double] = ["h": 3600, "m": 60, "s": 1]

  /// The seconds of a duration; nil where the text is none above 0.
  static func seconds(_ text: String) -> Double? {
    var (total, digits) = (0.0, "")
    var isBare = true
    for letter in text.lowercased() {
      if letter.isNumber || letter == "." {
        digits.append(letter)
      } else {
        guard let unit = units[letter], let count = Double(digits) else { return nil }
        total += count * unit
        (digits, isBare) = ("", false)
      }
    }
    if !digits.isEmpty {
      guard isBare, let count = Double(digits) else { return nil }
      total = count
    }
    return total > 0 ? total : nil
  }
}
