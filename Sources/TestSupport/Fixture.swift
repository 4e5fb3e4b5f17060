import Foundation
import NunchiGraph
import NunchiTensors

/// Numbers from PyTorch to compare with, read from `Tools/fixtures/<name>.fixture`; `Tools/make_fixtures.py` writes
/// these files, `Tools/fixture_parts/container.py` describes their format. Tensors lie in this package's layout.
package struct Fixture: Sendable {
  /// What a test builds: a name and the constants of one operation, model or training run.
  package struct Case: Sendable {
    package let name: String
    package let attributes: Attributes
  }

  /// One tensor; every stored type is exact in Double.
  package struct Entry: Sendable {
    package let array: ReferenceArray<Double>
    package let type: StoredType
    package let attributes: Attributes
  }

  package enum StoredType: String, Sendable {
    case uint8, int32, float32, float64

    var size: Int {
      switch self {
      case .uint8: 1
      case .int32, .float32: 4
      case .float64: 8
      }
    }
  }

  package struct ReadError: Error, CustomStringConvertible {
    package let description: String

    package init(_ description: String) { self.description = description }
  }

  package let name: String
  /// The version of PyTorch that computed the numbers.
  package let torch: String
  package let cases: [Case]
  package let entries: [String: Entry]
  /// The names of the tensors in the order of the file.
  package let order: [String]

  /// Where the files lie.
  package static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .appendingPathComponent("../../Tools/fixtures").standardized

  /// Reads a fixture by name; a missing or damaged file is an error, never a reason to skip a test.
  package static func load(_ name: String) throws -> Fixture {
    let file = folder.appendingPathComponent(name + ".fixture")
    guard let data = FileManager.default.contents(atPath: file.path) else {
      throw ReadError("no fixture \(file.path); Tools/make_fixtures.py writes it")
    }
    do {
      return try Fixture(name: name, data: data)
    } catch let error as ReadError {
      throw ReadError("\(file.path): \(error.description)")
    }
  }

  package init(name: String, data: Data) throws {
    var reader = Reader(data: data)
    guard try reader.line() == "nunchi-fixture 1" else { throw ReadError("not a fixture of version 1") }
    var torch = ""
    var cases: [Case] = []
    var declared: [(name: String, type: StoredType, shape: Shape, attributes: Attributes)] = []
    while case let words = try reader.line().split(separator: " ").map(String.init), words != ["data"] {
      switch words.first {
      case "torch" where words.count == 2: torch = words[1]
      case "case" where words.count >= 2: cases.append(Case(name: words[1], attributes: Attributes(words.dropFirst(2))))
      case "tensor" where words.count >= 4:
        let extents = words[3] == "scalar" ? [] : words[3].split(separator: "x").map { Int($0) ?? -1 }
        guard let type = StoredType(rawValue: words[2]), extents.allSatisfy({ $0 >= 0 }) else { fallthrough }
        declared.append((words[1], type, Shape(extents), Attributes(words.dropFirst(4))))
      default: throw ReadError("line not understood: \(words.joined(separator: " "))")
      }
    }
    var entries: [String: Entry] = [:]
    for (name, type, shape, attributes) in declared {
      let array = ReferenceArray(shape, try reader.elements(type, count: shape.count))
      entries[name] = Entry(array: array, type: type, attributes: attributes)
    }
    guard reader.isAtEnd else { throw ReadError("bytes after the last tensor") }
    self.init(name: name, torch: torch, cases: cases, entries: entries, order: declared.map(\.name))
  }

  private init(name: String, torch: String, cases: [Case], entries: [String: Entry], order: [String]) {
    self.name = name
    self.torch = torch
    self.cases = cases
    self.entries = entries
    self.order = order
  }

  // MARK: Looking up

  package subscript(name: String) -> ReferenceArray<Double>? { entries[name]?.array }

  package func entry(_ name: String) throws -> Entry {
    guard let entry = entries[name] else { throw ReadError("\(self.name).fixture has no tensor \(name)") }
    return entry
  }

  /// A tensor for the reference executor.
  package func array<T: ReferenceScalar>(_ name: String, as type: T.Type = T.self) throws -> ReferenceArray<T> {
    let array = try entry(name).array
    return ReferenceArray(array.shape, array.values.map { T($0) })
  }

  /// A tensor on the host: bytes and integers as they are stored, all others as Float.
  package func tensor(_ name: String) throws -> Tensor {
    let entry = try entry(name)
    let (shape, values) = (entry.array.shape, entry.array.values)
    switch entry.type {
    case .uint8: return Tensor(shape, bytes: values.map { UInt8($0) })
    case .int32: return Tensor(shape, integers: values.map { Int32($0) })
    case .float32, .float64: return Tensor(shape, values.map { Float($0) })
    }
  }

  /// The tensors whose names begin with `prefix` and a slash, under the rest of their names, in the order of the file.
  package func tensors(under prefix: String) -> [(name: String, entry: Entry)] {
    order.filter { $0.hasPrefix(prefix + "/") }.map { (String($0.dropFirst(prefix.count + 1)), entries[$0]!) }
  }

  package func named(_ name: String) throws -> Case {
    guard let found = cases.first(where: { $0.name == name }) else {
      throw ReadError("\(self.name).fixture has no case \(name)")
    }
    return found
  }

  /// `key=value` pairs.
  package struct Attributes: Sendable {
    private let values: [String: String]

    init(_ words: ArraySlice<String>) {
      let pairs = words.map { word in
        let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        return (parts[0], parts.count == 2 ? parts[1] : "")
      }
      values = Dictionary(pairs) { $1 }
    }

    package subscript(key: String) -> String? { values[key] }
    /// A list separated by commas; `-` is the empty one.
    package func list(_ key: String) throws -> [String] {
      let text = try text(key)
      return text == "-" ? [] : text.split(separator: ",").map(String.init)
    }
    package func text(_ key: String) throws -> String {
      guard let text = values[key] else { throw ReadError("no attribute \(key)") }
      return text
    }
    package func integers(_ key: String) throws -> [Int] { try list(key).map { try number($0, Int.init) } }
    package func floats(_ key: String) throws -> [Float] { try list(key).map { Float(try number($0, Double.init)) } }
    package func integer(_ key: String) throws -> Int { try number(text(key), Int.init) }
    package func float(_ key: String) throws -> Float { Float(try double(key)) }
    package func double(_ key: String) throws -> Double { try number(text(key), Double.init) }
    package func flag(_ key: String) throws -> Bool { try integer(key) != 0 }

    private func number<N>(_ text: String, _ parse: (String) -> N?) throws -> N {
      guard let number = parse(text) else { throw ReadError("\(text) is no number") }
      return number
    }
  }
}

/// Lines of text, then elements, from the front of a file.
private struct Reader {
  let data: Data
  var position = 0

  var isAtEnd: Bool { position == data.count }

  mutating func line() throws -> String {
    guard let end = data[position...].firstIndex(of: UInt8(ascii: "\n")) else {
      throw Fixture.ReadError("the header ends early")
    }
    defer { position = end + 1 }
    return String(decoding: data[position..<end], as: UTF8.self)
  }

  mutating func elements(_ type: Fixture.StoredType, count: Int) throws -> [Double] {
    guard position + count * type.size <= data.count else {
      throw Fixture.ReadError("the elements end early")
    }
    defer { position += count * type.size }
    let start = position
    return data.withUnsafeBytes { bytes in
      (0..<count).map { index in
        let offset = start + index * type.size
        switch type {
        case .uint8: return Double(bytes[offset])
        case .int32: return Double(bytes.word(offset, Int32.self))
        case .float32: return Double(Float(bitPattern: bytes.word(offset, UInt32.self)))
        case .float64: return Double(bitPattern: bytes.word(offset, UInt64.self))
        }
      }
    }
  }
}

extension UnsafeRawBufferPointer {
  /// The little-endian integer at a byte offset.
  fileprivate func word<N: FixedWidthInteger>(_ offset: Int, _ type: N.Type) -> N {
    N(littleEndian: loadUnaligned(fromByteOffset: offset, as: type))
  }
}
