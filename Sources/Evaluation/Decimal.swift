import NunchiSystem

/// A number with four digits after the point.
func decimal(_ value: Double) -> String { NumberText.fixed(value, 4) }
