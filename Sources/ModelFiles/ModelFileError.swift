import NunchiTensors

/// A model file cannot be written, read or used. The description says which file, what was expected and what was found.
public struct ModelFileError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What is wrong.
  package enum Reason: Hashable, Sendable {
    /// The container is damaged, or it is no safetensors file.
    case container(SafetensorsError.Reason)
    /// It is a safetensors file of another program.
    case descriptionMissing
    /// A newer version of Nunchi wrote the file.
    case unsupportedVersion(Int)
    /// A value of the description is not what it must be; `place` is a path such as `preprocessing.width`.
    case malformedDescription(place: String, expected: String, found: String)
    /// The network cannot be rebuilt, or does not fit its images or classes.
    case architecture(String)
    case tensorMissing(String)
    case tensorUnexpected(String)
    case shapeMismatch(tensor: String, expected: Shape, found: Shape)
    case notFinite(tensor: String, index: Int)
    /// A layer of the model has no specification to rebuild it from.
    case notDescribable(layer: String)
  }

  /// The file.
  public let path: String
  package let reason: Reason

  package init(path: String, _ reason: Reason) {
    self.path = path
    self.reason = reason
  }

  public var description: String { "\(path): \(problem)" + (remedy.map { "; \($0)" } ?? "") }

  private var problem: String {
    switch reason {
    case .container(let reason): SafetensorsError(path: path, reason).problem
    case .descriptionMissing: "expected the description of a model (\(ModelFile.metadataKey)), found none"
    case .unsupportedVersion(let version):
      "expected a model file of version 1 to \(ModelFile.formatVersion), found version \(version)"
    case .malformedDescription(let place, let expected, let found):
      "damaged description: \(place): expected \(expected), found \(found)"
    case .architecture(let why): "expected a network that can be rebuilt, found one that cannot: \(why)"
    case .tensorMissing(let name): "expected a tensor \(name), found none"
    case .tensorUnexpected(let name): "expected only tensors of the network, found \(name)"
    case .shapeMismatch(let tensor, let expected, let found):
      "tensor \(tensor): expected shape \(expected), found \(found)"
    case .notFinite(let tensor, let index): "tensor \(tensor): expected finite values, found another at \(index)"
    case .notDescribable(let layer): "expected layers that a file can describe, found \(layer)"
    }
  }

  /// What to do about it; nil where that is unknown.
  public var remedy: String? {
    switch reason {
    case .container(let reason): SafetensorsError(path: path, reason).remedy
    case .descriptionMissing: "it is no model of Nunchi"
    case .unsupportedVersion: "use a newer version of Nunchi"
    case .malformedDescription, .architecture, .tensorMissing, .tensorUnexpected, .shapeMismatch:
      "take another copy of the file, or train the model again"
    case .notFinite: "train the model again, with a lower rate if it diverged"
    case .notDescribable: "give the layer a specification"
    }
  }
}
