import NunchiGraph
import NunchiTensors

/// Memory that a step reads or writes, before the memory plan assigns it an address.
enum Slot: Hashable {
  /// A buffer of the workspace, by its index in the compiler.
  case buffer(Int)
  case fixed(Space, Int)
}

/// A step before memory is planned: what it reads and writes, and a closure that builds it once addresses are known.
struct Draft {
  var name: String
  /// What is computed, such as `conv mb100 ic32 oc64 ih112 kh3 s1 p1`.
  var problem: String
  var reads: [Slot]
  var writes: [Slot]
  var tasks: Int
  var scratch: Int
  var multiplyAdds: Int
  /// Bytes read and written, where that is less than the sizes of all slots.
  var bytes: Int?
  /// Whether the result depends on run-time numbers (rows, seed, step) besides what is read.
  var dependsOnRun: Bool
  /// An input whose memory the output may reuse element by element, if this is its last use.
  var inPlace: (input: Slot, output: Slot)?
  /// Set where the step can be split by rows of the batch.
  var rowwise: Rowwise?
  /// Whether the tuning chose the size of its pieces, keyed by the problem.
  var tunable = false
  var make: (inout Linker) -> Work

  init(
    _ name: String, _ problem: String = "", reads: [Slot], writes: [Slot], tasks: Int = 1, scratch: Int = 0,
    multiplyAdds: Int = 0, bytes: Int? = nil, dependsOnRun: Bool = false,
    inPlace: (input: Slot, output: Slot)? = nil, rowwise: Rowwise? = nil, tunable: Bool = false,
    make: @escaping (inout Linker) -> Work
  ) {
    self.name = name
    self.problem = problem
    self.reads = reads
    self.writes = writes
    self.tasks = tasks
    self.scratch = scratch
    self.multiplyAdds = multiplyAdds
    self.bytes = bytes
    self.dependsOnRun = dependsOnRun
    self.inPlace = inPlace
    self.rowwise = rowwise
    self.tunable = tunable
    self.make = make
  }
}

/// How a step splits by rows of the batch: a row of the result depends on that row of the inputs and on shared operands.
struct Rowwise {
  /// Operands without a row axis: weights, constants, sums over several rows.
  var shared: [Slot] = []
  /// Rows that are summed into one result, where the result has no row axis.
  var chunk: Int?
}

/// Resolves slots to locations, and owns the tables that steps point to.
struct Linker {
  let offsets: [Int]
  /// Offsets of buffers that lie in the prepared memory.
  let prepared: [Int?]
  /// While a chain is linked: its local buffers, by their index in the worker's table.
  var locals: [Int: Int] = [:]
  private(set) var owned = OwnedMemory()

  init(offsets: [Int], prepared: [Int?]) { (self.offsets, self.prepared) = (offsets, prepared) }

  func callAsFunction(_ slot: Slot) -> Location {
    switch slot {
    case .buffer(let index):
      if let place = locals[index] { return Location(space: .local, offset: place) }
      if let place = prepared[index] { return Location(space: .prepared, offset: place) }
      return Location(space: .workspace, offset: offsets[index])
    case .fixed(let space, let offset): return Location(space: space, offset: offset)
    }
  }

  /// A table of numbers that lives as long as the plan.
  func table<T: BitwiseCopyable>(_ values: [T]) -> UnsafePointer<T> { plainTable(values) }

  /// The steps of a chain, plain data too.
  func table(_ steps: [Work]) -> UnsafePointer<Work> { plainTable(steps) }

  private func plainTable<T>(_ values: [T]) -> UnsafePointer<T> {
    let memory = UnsafeMutablePointer<T>.allocate(capacity: max(values.count, 1))
    memory.initialize(from: values, count: values.count)
    owned.tables.append(memory)
    return UnsafePointer(memory)
  }

  func own(_ call: CustomCall) -> Unmanaged<CustomCall> {
    owned.calls.append(call)
    return Unmanaged.passUnretained(call)
  }
}

/// Tables and calls that a plan's steps point to.
final class OwnedMemory: @unchecked Sendable {
  fileprivate(set) var tables: [UnsafeMutableRawPointer] = []
  fileprivate(set) var calls: [CustomCall] = []

  deinit { for table in tables { table.deallocate() } }
}
