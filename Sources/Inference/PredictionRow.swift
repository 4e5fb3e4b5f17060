import NunchiDocuments

/// The answer to one input, or why there is none.
package struct PredictionRow: Sendable {
  /// What the input is called.
  package let path: String
  /// nil where the input cannot be read.
  package internal(set) var answer: Prediction?
  /// Why it cannot.
  package internal(set) var error: String?
  /// For reading it, and its share of the batch in which it was classified. What is read while the model is loaded takes
  /// no time.
  package internal(set) var milliseconds = 0.0

  init(path: String) { self.path = path }

  /// One of the `rows` of `predict --json`.
  ///
  /// - Parameter showsAll: with the probability of every class.
  package func json(showsAll: Bool) -> JSON {
    var object = JSON.Object([
      .init("path", JSON(path)), .init("class", JSON(answer?.label)),
      .init("probability", answer.map { JSON($0.probability) } ?? .null),
    ])
    if showsAll {
      object["probabilities"] =
        answer.map { answer in
          .object(.init(zip(answer.classes, answer.probabilities).map { .init($0, JSON($1)) }))
        } ?? .null
    }
    object["milliseconds"] = JSON(milliseconds)
    object["error"] = JSON(error)
    return .object(object)
  }
}
