/// Numbers as text for people.
package enum NumberText {
  /// A number with so many decimals. Huge numbers are written as Swift does.
  package static func fixed(_ value: Double, _ decimals: Int) -> String {
    let scaled = (abs(value) * pow(10.0, Double(decimals))).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let units = Int(scaled)
    let digits = padded(units, decimals + 1)
    let sign = value < 0 && units > 0 ? "-" : ""
    return decimals == 0 ? sign + digits : sign + digits.dropLast(decimals) + "." + digits.suffix(decimals)
  }

  /// A non-negative number with at least so many digits: 7 as 0007.
  package static func padded(_ number: some BinaryInteger, _ digits: Int, radix: Int = 10) -> String {
    let text = String(number, radix: radix)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }

  /// 1234567 as 1,234,567.
  package static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// 0.873 as 87 %.
  package static func percent(_ share: Double, space: String = " ") -> String { fixed(100 * share, 0) + space + "%" }

  /// A number without a final `.0`: 2.0 as 2.
  package static func short(_ value: some BinaryFloatingPoint & CustomStringConvertible) -> String {
    let text = value.description
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  /// 0.00012 as 1.2e-04.
  package static func scientific(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    var exponent = Int(floor(log10(abs(value))))
    var mantissa = value / pow(10, Double(exponent))
    if fixed(abs(mantissa), 1) == "10.0" {
      mantissa /= 10
      exponent += 1
    }
    return fixed(mantissa, 1) + "e" + (exponent < 0 ? "-" : "+") + padded(exponent.magnitude, 2)
  }

  /// Three significant digits with a prefix: 1.23 M.
  package static func scaled(_ value: Int, space: String = " ") -> String {
    var number = Double(value)
    var prefixes = ["", "k", "M", "G", "T"][...]
    while number >= 999.5, prefixes.count > 1 {
      number /= 1000
      prefixes = prefixes.dropFirst()
    }
    guard let prefix = prefixes.first, !prefix.isEmpty else { return String(value) }
    return fixed(number, number < 9.995 ? 2 : number < 99.95 ? 1 : 0) + space + prefix
  }

  /// Bytes in KiB, MiB or GiB.
  package static func bytes(_ count: Int) -> String {
    let kibi = Double(count) / 1024
    if kibi < 1000 { return fixed(kibi, kibi < 10 ? 1 : 0) + " KiB" }
    let mebi = kibi / 1024
    if mebi < 1000 { return fixed(mebi, mebi < 10 ? 1 : 0) + " MiB" }
    return fixed(mebi / 1024, 1) + " GiB"
  }

  /// Seconds as 42 s, 3:07 or 1:03:07.
  package static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    if whole < 3600 { return "\(whole / 60):\(padded(whole % 60, 2))" }
    return "\(whole / 3600):\(padded(whole / 60 % 60, 2)):\(padded(whole % 60, 2))"
  }
}
