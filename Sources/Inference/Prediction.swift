/// What a classifier says of a picture.
public struct Prediction: Sendable, Hashable {
  /// The names of the classes, in the order of the model's outputs.
  public let classes: [String]
  /// How probable each class is, in the order of `classes`; together 1.
  public let probabilities: [Float]
  /// The place of the class that is answered.
  package let place: Int

  /// - Parameter answer: the place of the class that is answered.
  package init(classes: [String], probabilities: [Float], answer: Int) {
    precondition(classes.count == probabilities.count, "one probability a class")
    self.classes = classes
    self.probabilities = probabilities
    place = answer
  }

  /// The class that is answered: the most probable one, or what the model's thresholds say.
  public var label: String { classes[place] }

  /// How probable that class is.
  public var probability: Float { probabilities[place] }

  /// How probable the class `name` is; nil where the model has no such class.
  public subscript(name: String) -> Float? { classes.firstIndex(of: name).map { probabilities[$0] } }

  /// All classes, the most probable first; equally probable ones in the model's order.
  public var ranked: [(label: String, probability: Float)] {
    let order = classes.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
    return order.map { (classes[$0], probabilities[$0]) }
  }
}

extension Prediction: CustomStringConvertible {
  public var description: String { "\(label) (\(Int((probability * 100).rounded())) %)" }
}
