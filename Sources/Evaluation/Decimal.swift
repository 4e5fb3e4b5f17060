import NunchiSystem

/// Four digits after the point.
func decimal(_ value: Double) -> String { NumberText.fixed(value, 4) }
