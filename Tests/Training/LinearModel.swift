import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiModelFiles

/// Writes a network of one dense layer over gray pictures, whose answers can be computed by hand:
/// y[c] = slopes[c] · (mean of the pixels, in 0…1) + biases[c].
func writeLinearModel(
  to path: String, side: Int, classes: [String], slopes: [Float], biases: [Float]
) throws {
  let dense = Dense(side * side, classes.count)
  let model = Sequential {
    Flatten(); dense
  }
  var weights = Weights(WeightsLayout(model.namedParameters()), seed: 0)
  for (name, parameter) in model.namedParameters() {
    let values = weights[parameter].indices
    weights[parameter] =
      name.hasSuffix("bias") ? biases : values.map { slopes[$0 % classes.count] / Float(side * side) }
  }
  try ModelFile.write(
    LoadedModel(
      model: model, weights: weights, classes: classes,
      preprocessing: Preprocessing(width: side, height: side, channels: 1, rule: .squash),
      normalization: Normalization(mean: [0], deviation: [1])),
    to: path)
}
