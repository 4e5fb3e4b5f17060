import NunchiGraph
import NunchiLayers

/// Layers under running numbers. A dropout of nil adds nothing; otherwise one named `dropout` stands before the last
/// layer, and the numbers stay, so that weights fit with and without it.
func numbered(_ layers: [any Layer], dropout: Float? = nil, file: String = #fileID, line: Int = #line) -> Sequential {
  var named: [NamedLayer] = layers.enumerated().map { ("\($0)", $1) }
  if let dropout, dropout > 0 { named.insert(("dropout", NunchiLayers.Dropout(dropout)), at: named.count - 1) }
  return Sequential(named: named, file: file, line: line)
}

extension ModelPreset.Options {
  /// The features that `layers`, ending in a flatten, make of an image.
  func features(_ layers: [any Layer]) throws(TraceError) -> Int {
    try outputShape(of: Sequential(layers), [1, size, size, channels])[1]
  }
}

/// The last layer: logits. No ReLU follows, so Xavier's rule keeps them small and the first loss near log(classes).
func head(_ inputs: Int, _ classes: Int) -> Dense { Dense(inputs, classes, initializer: .xavier) }
