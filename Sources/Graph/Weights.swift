import NunchiTensors
import Synchronization

/// The order of a model's parameters in its arenas. One arena holds what the optimizer changes, weights that decay
/// first, then those that do not, then frozen ones; another the statistics.
public struct WeightsLayout: Sendable {
  package enum Segment: Sendable, Hashable { case decayed, plain, frozen, statistics }

  package struct Entry: Sendable {
    /// The full name, such as `0.weight`.
    package let name: String
    package let parameter: Parameter
    package let segment: Segment
    /// In floats from the start of the arena; a multiple of 16.
    package let offset: Int
    package var count: Int { parameter.shape.count }
  }

  package let entries: [Entry]
  private let indices: [Parameter: Int]
  /// Floats in the arena of parameters, those that decay, and those that are trained.
  package let parameterCount: Int
  package let decayedCount: Int
  package let trainedCount: Int
  package let statisticCount: Int

  /// - Parameter named: the parameters in the model's order under their full names.
  public init(_ named: [(name: String, parameter: Parameter)], frozen: Set<Parameter> = []) {
    func segment(_ parameter: Parameter) -> Segment {
      if parameter.role == .statistic { return .statistics }
      if frozen.contains(parameter) { return .frozen }
      return parameter.role == .weight ? .decayed : .plain
    }
    var ends: [Segment: Int] = [:]
    var offset = 0
    var offsets: [Parameter: Int] = [:]
    for part in [Segment.decayed, .plain, .frozen] {
      for (_, parameter) in named where segment(parameter) == part && offsets[parameter] == nil {
        offsets[parameter] = offset
        offset += parameter.shape.count.roundedUp(toMultipleOf: 16)
      }
      ends[part] = offset
    }
    var statistics = 0
    for (_, parameter) in named where segment(parameter) == .statistics && offsets[parameter] == nil {
      offsets[parameter] = statistics
      statistics += parameter.shape.count.roundedUp(toMultipleOf: 16)
    }
    var seen: Set<Parameter> = []
    entries = named.filter { seen.insert($0.parameter).inserted }.map {
      Entry(name: $0.name, parameter: $0.parameter, segment: segment($0.parameter), offset: offsets[$0.parameter]!)
    }
    indices = Dictionary(uniqueKeysWithValues: entries.enumerated().map { ($1.parameter, $0) })
    decayedCount = ends[.decayed]!
    trainedCount = ends[.plain]!
    parameterCount = ends[.frozen]!
    statisticCount = statistics
  }

  package func entry(_ parameter: Parameter) -> Entry? { indices[parameter].map { entries[$0] } }
  package func entry(named name: String) -> Entry? { entries.first { $0.name == name } }
  /// What differentiation is asked for.
  public var trained: [Parameter] {
    entries.filter { $0.segment == .decayed || $0.segment == .plain }.map(\.parameter)
  }
}

/// The values of a model's parameters and statistics: a value that owns its arenas, copied on write. Best, last and
/// averaged weights are just values of this type.
public struct Weights: Sendable {
  /// Which parameters there are, and where they lie.
  public let layout: WeightsLayout
  private var storage: Storage
  /// Changes with every change of a value, so that anything derived from the values can be recognised as out of date.
  package private(set) var version: UInt64

  private static let versions = Atomic<UInt64>(0)

  private final class Storage: Sendable {
    let parameters: AlignedMemory
    let statistics: AlignedMemory

    init(_ parameters: AlignedMemory, _ statistics: AlignedMemory) {
      self.parameters = parameters
      self.statistics = statistics
    }
  }

  /// All zeros, to be filled.
  public init(zeros layout: WeightsLayout) {
    self.layout = layout
    version = Self.versions.add(1, ordering: .relaxed).newValue
    let bytes = MemoryLayout<Float>.size
    storage = Storage(
      AlignedMemory(byteCount: layout.parameterCount * bytes), AlignedMemory(byteCount: layout.statisticCount * bytes))
  }

  /// Initial values; each parameter's depend on the seed and its name alone.
  public init(_ layout: WeightsLayout, seed: UInt64) {
    self.init(zeros: layout)
    for entry in layout.entries {
      var stream = RandomStream(seed: seed, name: "weights/" + entry.name)
      let parameter = entry.parameter
      self[parameter] = parameter.initializer.values(
        count: entry.count, fanIn: parameter.fanIn, fanOut: parameter.fanOut, from: &stream)
    }
  }

  /// The values of one parameter, in the order of its shape.
  public subscript(parameter: Parameter) -> [Float] {
    get {
      let entry = layout.entry(parameter)!
      return Array(UnsafeBufferPointer(start: pointer(entry), count: entry.count))
    }
    set {
      write(parameter) { values in
        precondition(
          newValue.count == values.count, "\(parameter.shape): \(newValue.count) values for \(values.count)")
        _ = values.update(fromContentsOf: newValue)
      }
    }
  }

  /// Calls `body` with the memory of one parameter's values, in the order of its shape, to write them.
  package mutating func write<Result, Failure: Error>(
    _ parameter: Parameter, _ body: (UnsafeMutableBufferPointer<Float>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let entry = layout.entry(parameter)!
    makeUnique()
    return try body(UnsafeMutableBufferPointer(start: pointer(entry), count: entry.count))
  }

  /// Gives this value arenas of its own if another shares them, so that they may be changed in place, and a new version.
  package mutating func makeUnique() {
    version = Self.versions.add(1, ordering: .relaxed).newValue
    if !isKnownUniquelyReferenced(&storage) { storage = Storage(storage.parameters.copy(), storage.statistics.copy()) }
  }

  /// The arenas. Write only after `makeUnique`.
  package var parameters: AlignedMemory { storage.parameters }
  package var statistics: AlignedMemory { storage.statistics }

  private func pointer(_ entry: WeightsLayout.Entry) -> UnsafeMutablePointer<Float> {
    (entry.segment == .statistics ? storage.statistics : storage.parameters).floats + entry.offset
  }

  /// The values for the reference executor.
  public func reference<T: ReferenceScalar>() -> [Parameter: ReferenceArray<T>] {
    Dictionary(
      uniqueKeysWithValues: layout.entries.map {
        ($0.parameter, ReferenceArray($0.parameter.shape, self[$0.parameter].map { T($0) }))
      })
  }
}
