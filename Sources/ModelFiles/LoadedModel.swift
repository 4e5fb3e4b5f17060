import NunchiDocuments
import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiTensors

/// A trained classifier with all that it takes to run it: what a model file holds.
///
/// An image goes through `preprocessing` (bytes), `normalization` (floats) and `model` (one number a class).
public struct LoadedModel: Sendable {
  /// Takes normalised images [n, height, width, channels] and returns logits [n, classes].
  public let model: any Layer
  /// The values of the model's parameters and statistics.
  public let weights: Weights
  /// The names of the classes in the order of the outputs.
  public let classes: [String]
  /// The size, the channels and the resize rule.
  public let preprocessing: Preprocessing
  /// Scale, mean and deviation: the first node of every graph that the model is part of.
  public let normalization: Normalization
  /// Where the model comes from: an object with settings, metrics, the data's fingerprint and the seed.
  package let provenance: JSON
  /// How its outputs become an answer.
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

  /// The same model with another way to its answers.
  package func deciding(_ decision: Decision) -> LoadedModel {
    LoadedModel(
      model: model, weights: weights, classes: classes, preprocessing: preprocessing, normalization: normalization,
      provenance: provenance, decision: decision)
  }

  /// The shape of a batch of images.
  public func inputShape(batch: Int) -> Shape {
    [batch, preprocessing.height, preprocessing.width, preprocessing.channels]
  }
}
