import NunchiDocuments

/// The output of a training, complete or interrupted.
protocol FinalPage {
  var document: JSON { get }
  var text: String { get }
  var warnings: [String] { get }
  /// The failure of an interrupted training; nil for a complete one.
  var interruption: Failure? { get }
}

extension FinalPage {
  /// Writes the result. After that, throws the failure of an interrupted training.
  func write(_ command: String, _ output: OutputOptions) throws {
    guard let interruption else {
      return output.write(command, document, warnings: warnings, text: text)
    }
    try output.write(command, document, warnings: warnings, missing: interruption, text: text)
  }
}
