import Foundation

/// The tensors of a safetensors file, read without the program's own reader.
enum Tensors {
  /// One line a tensor in the order of names: type, shape, and the beginning of the SHA-256 of its bytes.
  static func lines(_ bytes: [UInt8]) throws -> [String] {
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: Any] ?? [:]
    return header.keys.sorted().compactMap { name in
      guard let entry = header[name] as? [String: Any], let offsets = entry["data_offsets"] as? [Int] else {
        return nil
      }
      let shape = (entry["shape"] as? [Int] ?? []).map(String.init).joined(separator: "x")
      let data = bytes[(8 + length + offsets[0])..<(8 + length + offsets[1])]
      return "\(name) \(entry["dtype"] ?? "?") [\(shape)] \(Digest.sha256(data).prefix(16))"
    }
  }
}
