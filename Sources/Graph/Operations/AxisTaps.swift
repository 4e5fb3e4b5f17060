/// How a resized image takes its samples from the one it is made of.
public enum Resizing: String, Hashable, Sendable, CaseIterable {
  /// One pixel each.
  case nearest
  /// Between the two nearest, along each axis.
  case bilinear
}

/// Which places of the two images correspond.
public enum ResizeAlignment: String, Hashable, Sendable, CaseIterable {
  /// Their edges: place i lies at (i + 1/2) · inputs / outputs − 1/2.
  case halfPixel
  /// The centres of the pixels in their corners: place i lies at i · (inputs − 1) / (outputs − 1).
  case corners
  /// The centres of the first pixels: place i lies at i · inputs / outputs.
  case origin
}

/// A linear map along one axis: each output is a weighted sum of few inputs.
package struct AxisTaps: Sendable {
  package struct Tap: Sendable {
    package let index: Int
    package let weight: Double

    package init(index: Int, weight: Double) {
      self.index = index
      self.weight = weight
    }
  }

  package let inputs: Int
  /// For each output its taps, by ascending index.
  package let taps: [[Tap]]

  package init(inputs: Int, taps: [[Tap]]) {
    self.inputs = inputs
    self.taps = taps
  }

  package init(_ resizing: Resizing, _ alignment: ResizeAlignment, inputs: Int, outputs: Int) {
    self.inputs = inputs
    taps = (0..<outputs).map { output in
      switch resizing {
      case .nearest:
        return [Tap(index: Self.nearest(output, alignment, inputs, outputs), weight: 1)]
      case .bilinear:
        let place = max(0, Self.place(output, alignment, inputs, outputs))
        let low = min(Int(place), inputs - 1)
        let high = min(low + 1, inputs - 1)
        let share = min(place - Double(low), 1)
        return share == 0 || high == low
          ? [Tap(index: low, weight: 1)] : [Tap(index: low, weight: 1 - share), Tap(index: high, weight: share)]
      }
    }
  }

  private static func place(_ output: Int, _ alignment: ResizeAlignment, _ inputs: Int, _ outputs: Int) -> Double {
    switch alignment {
    case .halfPixel: (Double(output) + 0.5) * Double(inputs) / Double(outputs) - 0.5
    case .corners: outputs == 1 ? 0 : Double(output * (inputs - 1)) / Double(outputs - 1)
    case .origin: Double(output * inputs) / Double(outputs)
    }
  }

  /// In whole numbers, so that nothing rounds to the wrong side of an edge. Halfway between two corners the later is taken.
  private static func nearest(_ output: Int, _ alignment: ResizeAlignment, _ inputs: Int, _ outputs: Int) -> Int {
    switch alignment {
    case .halfPixel: (2 * output + 1) * inputs / (2 * outputs)
    case .corners: outputs == 1 ? 0 : (2 * output * (inputs - 1) + outputs - 1) / (2 * (outputs - 1))
    case .origin: output * inputs / outputs
    }
  }

  /// The map of the gradient: each input collects from the outputs that it went into.
  package var transposed: AxisTaps {
    var collected = [[Tap]](repeating: [], count: inputs)
    for (output, list) in taps.enumerated() {
      for tap in list { collected[tap.index].append(Tap(index: output, weight: tap.weight)) }
    }
    return AxisTaps(inputs: taps.count, taps: collected)
  }
}
