import NunchiDocuments
import NunchiTensors

/// The header of a `.safetensors` file, read and checked.
///
/// A file consists of the length n of the header (8 bytes, little-endian), n bytes of JSON padded with spaces, and the
/// data. The JSON maps each name to `dtype`, `shape` and `data_offsets` (first byte and end within the data), and
/// `__metadata__` to an object of texts. The tensors cover the data without holes and overlaps.
struct SafetensorsHeader {
  static let lengthBytes = 8
  /// The limit of the reference implementation.
  static let byteLimit = 100_000_000
  static let metadataKey = "__metadata__"

  let metadata: [SafetensorsFile.MetadataEntry]
  let tensors: [SafetensorsFile.TensorEntry]
  /// Where the data begins in the file.
  let dataStart: Int

  init(_ file: UnsafeRawBufferPointer, path: String) throws(SafetensorsError) {
    let json = try Self.json(file, path: path)
    dataStart = Self.lengthBytes + json.count
    let members = try Self.members(json, path: path)
    var metadata: [SafetensorsFile.MetadataEntry] = []
    var tensors: [SafetensorsFile.TensorEntry] = []
    for member in members {
      if member.key == Self.metadataKey {
        metadata = try Self.metadata(member.value, path: path)
      } else {
        tensors.append(try Self.tensor(member, path: path))
      }
    }
    try Self.checkCoverage(tensors, dataBytes: file.count - dataStart, path: path)
    self.metadata = metadata
    self.tensors = tensors
  }

  private static func json(_ file: UnsafeRawBufferPointer, path: String) throws(SafetensorsError)
    -> UnsafeRawBufferPointer
  {
    guard file.count >= lengthBytes else {
      throw SafetensorsError(path: path, .truncatedHeader(expected: UInt64(lengthBytes), found: file.count))
    }
    let length = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
    guard length <= UInt64(byteLimit) else { throw SafetensorsError(path: path, .headerTooLarge(length)) }
    guard Int(length) <= file.count - lengthBytes else {
      throw SafetensorsError(
        path: path, .truncatedHeader(expected: UInt64(lengthBytes) + length, found: file.count))
    }
    return UnsafeRawBufferPointer(rebasing: file[lengthBytes..<lengthBytes + Int(length)])
  }

  private static func members(_ json: UnsafeRawBufferPointer, path: String) throws(SafetensorsError) -> [JSON.Member] {
    // The format demands '{' first and only spaces after the last '}', so that no byte can change unnoticed.
    guard json.first == UInt8(ascii: "{"), json.last(where: { $0 != 0x20 }) == UInt8(ascii: "}") else {
      throw SafetensorsError(path: path, .malformedHeader("expected a JSON object padded with spaces"))
    }
    do {
      guard case .object(let object) = try JSON(parsing: json, limits: .init(depth: 4, bytes: byteLimit)) else {
        throw SafetensorsError(path: path, .malformedHeader("expected a JSON object"))
      }
      return object.members
    } catch let error as JSONError {
      throw SafetensorsError(path: path, .malformedHeader(error.description))
    } catch let error as SafetensorsError {
      throw error
    } catch {
      throw SafetensorsError(path: path, .malformedHeader("\(error)"))
    }
  }

  private static func metadata(_ json: JSON, path: String) throws(SafetensorsError) -> [SafetensorsFile.MetadataEntry] {
    guard let object = json.objectValue else {
      throw SafetensorsError(path: path, .malformedHeader("\(metadataKey): expected an object, found \(json.kind)"))
    }
    var entries: [SafetensorsFile.MetadataEntry] = []
    for member in object.members {
      guard let text = member.value.stringValue else {
        throw SafetensorsError(
          path: path, .malformedHeader("\(metadataKey).\(member.key): expected a text, found \(member.value.kind)"))
      }
      entries.append((member.key, text))
    }
    return entries
  }

  private static func tensor(_ member: JSON.Member, path: String) throws(SafetensorsError)
    -> SafetensorsFile.TensorEntry
  {
    let (name, entry) = (member.key, member.value)
    func malformed(_ expected: String) -> SafetensorsError {
      SafetensorsError(path: path, .malformedHeader("tensor \(name): expected \(expected)"))
    }
    guard entry.objectValue?.count == 3, let typeName = entry["dtype"]?.stringValue else {
      throw malformed("dtype, shape and data_offsets")
    }
    guard let type = SafetensorsType(rawValue: typeName) else {
      throw SafetensorsError(path: path, .unsupportedType(tensor: name, type: typeName))
    }
    guard let extents = naturals(entry["shape"]) else { throw malformed("a shape of whole numbers from 0") }
    guard let offsets = naturals(entry["data_offsets"]), offsets.count == 2, offsets[0] <= offsets[1] else {
      throw malformed("two data_offsets in ascending order")
    }
    guard let bytes = byteCount(extents, type) else { throw malformed("a shape that fits in memory") }
    guard bytes == offsets[1] - offsets[0] else {
      throw SafetensorsError(
        path: path,
        .sizeMismatch(
          tensor: name, shape: Shape(extents), type: type, expected: bytes, found: offsets[1] - offsets[0]))
    }
    return SafetensorsFile.TensorEntry(
      name: name, dataType: type, shape: Shape(extents), range: offsets[0]..<offsets[1])
  }

  private static func naturals(_ json: JSON?) -> [Int]? {
    guard let elements = json?.arrayValue else { return nil }
    let values = elements.compactMap(\.intValue).filter { $0 >= 0 }
    return values.count == elements.count ? values : nil
  }

  /// Π extents · size of the type; `nil` where the product overflows, even if another extent is 0.
  private static func byteCount(_ extents: [Int], _ type: SafetensorsType) -> Int? {
    var bytes = type.size
    for extent in extents where extent != 0 {
      let (product, overflow) = bytes.multipliedReportingOverflow(by: extent)
      if overflow { return nil }
      bytes = product
    }
    return extents.contains(0) ? 0 : bytes
  }

  private static func checkCoverage(
    _ tensors: [SafetensorsFile.TensorEntry], dataBytes: Int, path: String
  ) throws(SafetensorsError) {
    var end = 0
    for tensor in tensors.sorted(by: {
      ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }) {
      guard tensor.range.lowerBound == end else {
        throw SafetensorsError(
          path: path, .holeOrOverlap(tensor: tensor.name, expected: end, found: tensor.range.lowerBound))
      }
      end = tensor.range.upperBound
    }
    guard end == dataBytes else {
      throw SafetensorsError(path: path, .dataSizeMismatch(expected: end, found: dataBytes))
    }
  }
}
