import NunchiDocuments

/// What a training ends with, whole or interrupted.
protocol FinalPage {
  var document: JSON { get }
  var text: String { get }
  var warnings: [String] { get }
  /// The failure of a training that was interrupted.
  var interruption: Failure? { get }
}

extension FinalPage {
  /// Writes the result; throws the failure of an interrupted training, after its result.
  func write(_ command: String, _ output: OutputOptions) throws {
    guard let interruption else {
      return output.write(command, document, warnings: warnings, text: text)
    }
    try output.write(command, document, warnings: warnings, missing: interruption, text: text)
  }
}
