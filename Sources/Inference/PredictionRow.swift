import NunchiDocuments

/// The answer for one input, or why there is none.
package struct PredictionRow: Sendable {
  /// The path of the input; `-` for standard input.
  package let path: String
  /// The answer; nil where the input cannot be read.
  package internal(set) var answer: Prediction?
  /// Why the input cannot be read; nil where it can.
  package internal(set) var error: String?
  /// The time of reading it, and its share of the time of its batch. An input that was read while the model was loading
  /// counts no reading time.
  package internal(set) var milliseconds = 0.0

  init(path: String) { self.path = path }

  /// One of the `rows` of `predict --json`.
  ///
  /// - Parameter showsAll: whether to add the probability of every class.
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
