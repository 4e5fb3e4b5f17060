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

/// A convolution of the presets for few pictures, which begin gently, √6 below He's rule. Behind batch norm the scale of
/// weights does not change what a layer answers, only how far a step of Adam turns it; and small dense layers learn
/// features instead of reading out chance. docs/RESULTS.md compares the two.
func gentleConvolution(_ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1, padding: Int = 0) -> Conv2D {
  Conv2D(
    inputs, outputs, kernel: WindowSize(kernel), stride: WindowSize(stride), padding: .symmetric(padding),
    initializer: .torchDefault, biasInitializer: .torchDefault)
}

/// A dense layer that begins as gently.
func gentleDense(_ inputs: Int, _ outputs: Int) -> Dense {
  Dense(inputs, outputs, initializer: .torchDefault, biasInitializer: .torchDefault)
}
