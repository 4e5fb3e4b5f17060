import NunchiDocuments
import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiTensors

/// A trained classifier with everything that running it takes: the contents of a model file.
///
/// An image goes through `preprocessing` (bytes), `normalization` (floats) and `model` (one logit per class).
///
///     let model = try ModelFile.read("model.safetensors")
///     print(model.classes, model.preprocessing.width)
public struct LoadedModel: Sendable {
  /// The network. It takes normalised images [n, height, width, channels] and returns logits [n, classes].
  public let model: any Layer
  /// The values of the network's parameters and statistics.
  public let weights: Weights
  /// The names of the classes in the order of the outputs.
  public let classes: [String]
  /// How an image becomes bytes of the size and channels that the network takes.
  public let preprocessing: Preprocessing
  /// How bytes become normalised floats: scale, mean and deviation. It is the first layer in every graph of the model.
  public let normalization: Normalization
  /// What the model was trained with: an object with the settings, metrics, the fingerprint of the data and the seed.
  package let provenance: JSON
  /// How the outputs become an answer.
  package let decision: Decision

  package init(
    model: any Layer, weights: Weights, classes: [String], preprocessing: Preprocessing, normalization: Normalization,
    provenance: JSON = .object(JSON.Object()), decision: Decision = .plain
  ) {
    precondition(
      decision.thresholds.isEmpty || decision.thresholds.count == classes.count,
      "a decision has one threshold a class or none, got \(decision.thresholds.count) for \(classes.count) classes")
    self.model = model
    self.weights = weights
    self.classes = classes
    self.preprocessing = preprocessing
    self.normalization = normalization
    self.provenance = provenance
    self.decision = decision
  }

  /// The same model with another decision.
  package func deciding(_ decision: Decision) -> LoadedModel {
    LoadedModel(
      model: model, weights: weights, classes: classes, preprocessing: preprocessing, normalization: normalization,
      provenance: provenance, decision: decision)
  }

  /// The shape of a batch of preprocessed images: [batch, height, width, channels].
  public func inputShape(batch: Int) -> Shape {
    [batch, preprocessing.height, preprocessing.width, preprocessing.channels]
  }
}
