import NunchiDocuments
import NunchiSystem
import NunchiTensors

/// A `.safetensors` file, checked and mapped into memory. Tensors are read in place from the page cache.
///
/// Opening validates lengths, JSON, types, shapes, offsets, and the checksum of the contents where there is one. After
/// that, reading a tensor cannot fail. The file must not be shortened while it is open; replacing it by renaming, as
/// `SafetensorsWriter` does, is harmless.
package struct SafetensorsFile: Sendable {
  package typealias MetadataEntry = (key: String, value: String)

  /// The header's entry of one tensor.
  package struct TensorEntry: Hashable, Sendable {
    package let name: String
    package let dataType: SafetensorsType
    package let shape: Shape
    /// The range of its bytes within the data.
    let range: Range<Int>
  }

  /// Whether a file must have a checksum. A checksum that is there is always verified.
  package enum ChecksumRule: Hashable, Sendable {
    case whereGiven, required
  }

  /// The metadata key of the checksum.
  package static let checksumKey = "nunchi.checksum"

  package let path: String
  /// The metadata in the order of the file.
  package let metadata: [MetadataEntry]
  /// The tensors in the order of the header.
  package let tensors: [TensorEntry]
  private let places: [String: Int]
  private let mapping: MappedFile
  private let dataStart: Int

  package init(path: String, checksum rule: ChecksumRule = .whereGiven) throws(SafetensorsError) {
    do {
      mapping = try MappedFile(path: path)
    } catch {
      throw SafetensorsError(path: path, .notReadable(error.reason))
    }
    let header = try mapping.withBytes { (bytes) throws(SafetensorsError) in try SafetensorsHeader(bytes, path: path) }
    self.path = path
    metadata = header.metadata
    tensors = header.tensors
    dataStart = header.dataStart
    // Names that differ only in their Unicode normalisation count as equal. No network has such names.
    places = Dictionary(tensors.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
    guard places.count == tensors.count else {
      throw SafetensorsError(path: path, .malformedHeader("two tensors of one name"))
    }
    try verifyChecksum(rule)
  }

  /// The text stored under `key`.
  package func metadata(_ key: String) -> String? { metadata.first { $0.key == key }?.value }

  /// The header's entry of the tensor `name`.
  package func entry(named name: String) throws(SafetensorsError) -> TensorEntry {
    guard let place = places[name] else {
      throw SafetensorsError(path: path, .noSuchTensor(name, available: tensors.map(\.name)))
    }
    return tensors[place]
  }

  /// The elements of the tensor `name`, row-major, converted to floats.
  package func floats(named name: String) throws(SafetensorsError) -> [Float] {
    let entry = try entry(named: name)
    return withBytes(of: entry) { entry.dataType.floats($0) }
  }

  /// Calls `body` with the elements of the tensor `name` as floats: in place where they are aligned `F32`, else a copy.
  package func withFloats<Result>(
    named name: String, _ body: (UnsafeBufferPointer<Float>) throws -> Result
  ) throws -> Result {
    let entry = try entry(named: name)
    return try withBytes(of: entry) { bytes in
      let aligned = UInt(bitPattern: bytes.baseAddress) % UInt(MemoryLayout<Float>.alignment) == 0
      if entry.dataType == .f32, aligned, Int(littleEndian: 1) == 1 {
        return try body(bytes.bindMemory(to: Float.self))
      }
      return try entry.dataType.floats(bytes).withUnsafeBufferPointer(body)
    }
  }

  private func withBytes<Result, Failure: Error>(
    of entry: TensorEntry, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let range = dataStart + entry.range.lowerBound..<dataStart + entry.range.upperBound
    return try mapping.withBytes { (bytes) throws(Failure) in
      try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
    }
  }

  private func verifyChecksum(_ rule: ChecksumRule) throws(SafetensorsError) {
    guard let expected = metadata(Self.checksumKey) else {
      if rule == .required { throw SafetensorsError(path: path, .checksumMissing) }
      return
    }
    var checksum = SafetensorsChecksum(metadata: metadata)
    for entry in tensors.sorted(by: { SafetensorsChecksum.precedes($0.name, $1.name) }) {
      withBytes(of: entry) {
        checksum.add(name: entry.name, type: entry.dataType, shape: entry.shape, bytes: $0)
      }
    }
    guard checksum.text == expected else {
      throw SafetensorsError(path: path, .checksumMismatch(expected: expected, found: checksum.text))
    }
  }
}

/// The checksum of a file's contents: XXH64 over the metadata by key and the tensors by name, each part preceded by its
/// length. The layout of the file is not part of it, so it stays valid when another program rewrites the same contents.
struct SafetensorsChecksum {
  private var hash = XXHash64()

  init(metadata: [SafetensorsFile.MetadataEntry]) {
    let counted = metadata.filter { $0.key != SafetensorsFile.checksumKey }
    hash.update(counted.count)
    for (key, value) in counted.sorted(by: { Self.precedes($0.key, $1.key) }) {
      add(key)
      add(value)
    }
  }

  /// Orders keys and names by their bytes.
  static func precedes(_ first: String, _ second: String) -> Bool {
    first.utf8.lexicographicallyPrecedes(second.utf8)
  }

  private mutating func add(_ text: String) {
    hash.update(text.utf8.count)
    hash.update(text)
  }

  /// Adds the next tensor. Tensors must come in the order of their names.
  mutating func add(name: String, type: SafetensorsType, shape: Shape, bytes: UnsafeRawBufferPointer) {
    add(name)
    add(type.rawValue)
    hash.update(shape.rank)
    for extent in shape.extents { hash.update(extent) }
    hash.update(bytes.count)
    hash.update(bytes)
  }

  var text: String { hash.text }
}
