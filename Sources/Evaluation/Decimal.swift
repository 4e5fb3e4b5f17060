/// Four digits after the point.
func decimal(_ value: Double) -> String {
  guard value.isFinite else { return value.description }
  let scaled = (abs(value) * 10_000).rounded()
  guard scaled < 1e15 else { return value.description }
  let digits = String(Int(scaled) + 100_000_000)
  let whole = Int(scaled) / 10_000
  return (value < 0 && scaled > 0 ? "-" : "") + "\(whole)." + digits.suffix(4)
}

/// All digits, and a whole number without ".0".
func short(_ value: Double) -> String {
  let text = value.description
  return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
}
