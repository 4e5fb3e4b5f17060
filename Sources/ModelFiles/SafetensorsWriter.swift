import NunchiDocuments
import NunchiSystem
import NunchiTensors

/// Writes `.safetensors` files of `F32` tensors, whole or not at all. The same contents give the same bytes.
package enum SafetensorsWriter {
  /// A tensor to write, its values row-major.
  package typealias Entry = (name: String, shape: Shape, values: [Float])

  /// The data begins at a multiple of this, so that vector instructions can load from the mapped file.
  static let alignment = 64

  /// Writes the tensors and the metadata in the given order. Their checksum becomes the first entry of the metadata.
  package static func write(
    path: String, metadata: [(key: String, value: String)] = [], tensors: [Entry]
  ) throws(SafetensorsError) {
    try check(tensors, path: path)
    var keys: Set<String> = []
    for (key, _) in metadata where !keys.insert(key).inserted {
      throw SafetensorsError(path: path, .duplicateName(key))
    }
    let texts = metadata.filter { $0.key != SafetensorsFile.checksumKey }
    let checksum = (key: SafetensorsFile.checksumKey, value: checksum(texts, tensors))
    let header = header([checksum] + texts, tensors)
    do {
      try AtomicFile.write(to: path) { (sink) throws(FileError) in
        try send(header, to: sink)
        for tensor in tensors { try send(tensor.values, to: sink) }
      }
    } catch {
      throw SafetensorsError(path: path, .notWritable(error.reason))
    }
  }

  private static func check(_ tensors: [Entry], path: String) throws(SafetensorsError) {
    var names: Set<String> = []
    for tensor in tensors {
      guard names.insert(tensor.name).inserted, tensor.name != SafetensorsHeader.metadataKey else {
        throw SafetensorsError(path: path, .duplicateName(tensor.name))
      }
      guard tensor.values.count == tensor.shape.count else {
        throw SafetensorsError(
          path: path, .valueCountMismatch(tensor: tensor.name, shape: tensor.shape, found: tensor.values.count))
      }
    }
  }

  /// Writes the elements, which are little-endian on every platform of Swift.
  private static func send<Element: BitwiseCopyable>(
    _ values: [Element], to sink: OpenFile
  ) throws(FileError) {
    let result = values.withUnsafeBytes { bytes in Result { () throws(FileError) in try sink.write(bytes) } }
    try result.get()
  }

  private static func checksum(_ metadata: [SafetensorsFile.MetadataEntry], _ tensors: [Entry]) -> String {
    var checksum = SafetensorsChecksum(metadata: metadata)
    for tensor in tensors.sorted(by: { SafetensorsChecksum.precedes($0.name, $1.name) }) {
      tensor.values.withUnsafeBytes {
        checksum.add(name: tensor.name, type: .f32, shape: tensor.shape, bytes: $0)
      }
    }
    return checksum.text
  }

  /// The length of the header and its JSON, padded with spaces.
  private static func header(_ metadata: [SafetensorsFile.MetadataEntry], _ tensors: [Entry]) -> [UInt8] {
    let texts = JSON.Object(metadata.map { JSON.Member($0.key, .string($0.value)) })
    var members = [JSON.Member(SafetensorsHeader.metadataKey, .object(texts))]
    var offset = 0
    for tensor in tensors {
      let end = offset + tensor.shape.count * SafetensorsType.f32.size
      let entry: JSON = [
        "dtype": .string(SafetensorsType.f32.rawValue), "shape": JSON(tensor.shape.extents),
        "data_offsets": [.integer(offset), .integer(end)],
      ]
      members.append(JSON.Member(tensor.name, entry))
      offset = end
    }
    var json = Array(JSON.object(JSON.Object(members)).compact().utf8)
    let total = (SafetensorsHeader.lengthBytes + json.count).roundedUp(toMultipleOf: alignment)
    json += [UInt8](repeating: 0x20, count: total - SafetensorsHeader.lengthBytes - json.count)
    return withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + json
  }
}
