import NunchiSystem
import NunchiTensors

/// A `.safetensors` file cannot be read or written.
package struct SafetensorsError: Error, Hashable, Sendable, CustomStringConvertible {
  package enum Reason: Hashable, Sendable {
    case notReadable(FileError.Reason)
    case notWritable(FileError.Reason)
    /// The file is shorter than its 8-byte header length says.
    case truncatedHeader(expected: UInt64, found: Int)
    case headerTooLarge(UInt64)
    /// The header is not JSON of the expected form; where and why.
    case malformedHeader(String)
    /// The element type is unknown.
    case unsupportedType(tensor: String, type: String)
    case sizeMismatch(tensor: String, shape: Shape, type: SafetensorsType, expected: Int, found: Int)
    /// The data of the tensor does not begin where the data before it ends.
    case holeOrOverlap(tensor: String, expected: Int, found: Int)
    case dataSizeMismatch(expected: Int, found: Int)
    case checksumMismatch(expected: String, found: String)
    case checksumMissing
    case duplicateName(String)
    case noSuchTensor(String, available: [String])
    /// The values to write do not fill the shape.
    case valueCountMismatch(tensor: String, shape: Shape, found: Int)
  }

  package let path: String
  package let reason: Reason

  package init(path: String, _ reason: Reason) {
    self.path = path
    self.reason = reason
  }

  package var description: String {
    let remedy = remedy.map { "; \($0)" } ?? ""
    return "\(path): \(problem)\(remedy)"
  }

  /// The system's `errno`; nil where the system did not fail.
  package var number: Int32? {
    switch reason {
    case .notReadable(let reason), .notWritable(let reason): reason.number
    case .truncatedHeader, .headerTooLarge, .malformedHeader, .unsupportedType, .sizeMismatch, .holeOrOverlap,
      .dataSizeMismatch, .checksumMismatch, .checksumMissing, .duplicateName, .noSuchTensor, .valueCountMismatch:
      nil
    }
  }

  package var problem: String {
    switch reason {
    case .notReadable(let why): "cannot read: \(why)"
    case .notWritable(let why): "cannot write: \(why)"
    case .truncatedHeader(let expected, let found): "expected at least \(expected) bytes, found \(found)"
    case .headerTooLarge(let bytes):
      "expected a header of at most \(SafetensorsHeader.byteLimit) bytes, found one that claims \(bytes)"
    case .malformedHeader(let why): "damaged header: \(why)"
    case .unsupportedType(let tensor, let type):
      "tensor \(tensor): expected a type of \(SafetensorsType.allCases.map(\.rawValue).joined(separator: ", ")), "
        + "found \(type)"
    case .sizeMismatch(let tensor, let shape, let type, let expected, let found):
      "tensor \(tensor): expected \(expected) bytes for shape \(shape) of \(type.rawValue), found \(found)"
    case .holeOrOverlap(let tensor, let expected, let found):
      "tensor \(tensor): expected its data at offset \(expected), found \(found)"
    case .dataSizeMismatch(let expected, let found): "expected \(expected) bytes of data, found \(found)"
    case .checksumMismatch(let expected, let found): "expected checksum \(expected), found \(found)"
    case .checksumMissing: "expected \(SafetensorsFile.checksumKey) in the metadata, found none"
    case .duplicateName(let name): "expected each name once, found \(name) again"
    case .noSuchTensor(let name, let available):
      "expected a tensor \(name), found \(available.isEmpty ? "none" : available.joined(separator: ", "))"
    case .valueCountMismatch(let tensor, let shape, let found):
      "tensor \(tensor): expected \(shape.count) values for shape \(shape), found \(found)"
    }
  }

  var remedy: String? {
    switch reason {
    case .truncatedHeader, .dataSizeMismatch: "the file is incomplete or no safetensors file; copy or download it again"
    case .headerTooLarge, .malformedHeader, .sizeMismatch, .holeOrOverlap:
      "the file is damaged or no safetensors file"
    case .checksumMismatch: "the contents were damaged or changed by another program"
    case .unsupportedType: "convert the tensor to F32"
    case .notReadable, .notWritable, .checksumMissing, .duplicateName, .noSuchTensor, .valueCountMismatch: nil
    }
  }
}
