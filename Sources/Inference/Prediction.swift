/// A classifier's answer for one image.
///
///     let prediction = try classifier.classify(file: "photo.jpg")
///     print(prediction.label, prediction.probability, prediction["cat"] ?? 0)
public struct Prediction: Sendable, Hashable {
  /// The names of the classes, in the order of `probabilities`.
  public let classes: [String]
  /// The probability of each class, in the order of `classes`. They sum to 1.
  public let probabilities: [Float]
  /// The index of the class that is answered.
  package let place: Int

  /// - Parameter answer: the index of the class that is answered.
  package init(classes: [String], probabilities: [Float], answer: Int) {
    precondition(classes.count == probabilities.count, "one probability a class")
    self.classes = classes
    self.probabilities = probabilities
    place = answer
  }

  /// The name of the class that is answered: the most probable one, or the one that the model's thresholds choose.
  public var label: String { classes[place] }

  /// The probability of the class that is answered.
  public var probability: Float { probabilities[place] }

  /// The probability of the class `name`; nil where the model has no such class.
  public subscript(name: String) -> Float? { classes.firstIndex(of: name).map { probabilities[$0] } }

  /// All classes with their probabilities, the most probable first. Equally probable ones keep the order of `classes`.
  public var ranked: [(label: String, probability: Float)] {
    let order = classes.indices.sorted { (probabilities[$1], $0) < (probabilities[$0], $1) }
    return order.map { (classes[$0], probabilities[$0]) }
  }
}

extension Prediction: CustomStringConvertible {
  public var description: String { "\(label) (\(Int((probability * 100).rounded())) %)" }
}
