import NunchiGraph
import NunchiImages
import NunchiInference
import NunchiLayers
import NunchiModelFiles
import NunchiTensors

/// A network that says how bright a picture of 8x8 is: logits ±6·(mean − ½), so that bright pictures are "day".
func lightMeter(classes: [String] = ["day", "night"]) -> LoadedModel {
  let dense = Dense(64, 2)
  let model = Sequential {
    Flatten(); dense
  }
  var weights = Weights(WeightsLayout(model.namedParameters()), seed: 1)
  for (name, parameter) in model.namedParameters() {
    let values = weights[parameter]
    weights[parameter] =
      name.hasSuffix("bias")
      ? [-3, 3] : values.indices.map { $0.isMultiple(of: 2) ? 6.0 / 64 : -6.0 / 64 }
  }
  return LoadedModel(
    model: model, weights: weights, classes: classes,
    preprocessing: Preprocessing(width: 8, height: 8, channels: 1, rule: .squash),
    normalization: Normalization(mean: [0], deviation: [1]))
}

/// Pictures of one gray each.
func grays(_ levels: [UInt8]) -> [Image] {
  levels.map { Image(width: 8, height: 8, channels: 1, bytes: [UInt8](repeating: $0, count: 64)) }
}
