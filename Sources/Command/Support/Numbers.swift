import NunchiSystem

/// Numbers as people read them.
enum Text {
  /// With so many decimals.
  static func fixed(_ value: Double, _ decimals: Int) -> String {
    guard value.isFinite else { return "\(value)" }
    let scale = pow(10.0, Double(decimals))
    let scaled = (abs(value) * scale).rounded()
    guard scaled < 1e15 else { return "\(value)" }
    let units = Int(scaled)
    let sign = value < 0 && units > 0 ? "-" : ""
    guard decimals > 0 else { return sign + String(units) }
    let digits = String(repeating: "0", count: max(0, decimals + 1 - String(units).count)) + String(units)
    return sign + digits.dropLast(decimals) + "." + digits.suffix(decimals)
  }

  /// 1234567 as 1,234,567.
  static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var text = value < 0 ? "-" : ""
    for (place, digit) in digits.enumerated() {
      if place > 0, (digits.count - place) % 3 == 0 { text += "," }
      text.append(digit)
    }
    return text
  }

  /// Three significant digits with a prefix: 1.23 M.
  static func scaled(_ value: Int) -> String {
    var number = Double(value)
    var prefixes = ["", " k", " M", " G", " T"][...]
    while number >= 999.5, prefixes.count > 1 {
      number /= 1000
      prefixes = prefixes.dropFirst()
    }
    guard prefixes.first != "" else { return String(value) }
    return fixed(number, number < 9.995 ? 2 : number < 99.95 ? 1 : 0) + prefixes.first!
  }

  /// Bytes in KiB, MiB or GiB.
  static func bytes(_ count: Int) -> String {
    let kibi = Double(count) / 1024
    if kibi < 1000 { return fixed(kibi, kibi < 10 ? 1 : 0) + " KiB" }
    let mebi = kibi / 1024
    if mebi < 1000 { return fixed(mebi, mebi < 10 ? 1 : 0) + " MiB" }
    return fixed(mebi / 1024, 1) + " GiB"
  }

  /// 0.00012 as 1.2e-04.
  static func scientific(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    var exponent = Int(floor(log10(abs(value))))
    var mantissa = value / pow(10, Double(exponent))
    if fixed(abs(mantissa), 1) == "10.0" {
      mantissa /= 10
      exponent += 1
    }
    let digits = String(exponent.magnitude)
    return fixed(mantissa, 1) + "e" + (exponent < 0 ? "-" : "+") + (digits.count < 2 ? "0" : "") + digits
  }
}

extension Text {
  /// Seconds as 42 s, 3:07 or 1:03:07.
  static func duration(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    let whole = Int(seconds.rounded())
    if whole < 60 { return "\(whole) s" }
    func two(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
    if whole < 3600 { return "\(whole / 60):\(two(whole % 60))" }
    return "\(whole / 3600):\(two(whole / 60 % 60)):\(two(whole % 60))"
  }
}
