import NunchiGraph
import NunchiTensors

/// Memory that a step touches, before the memory plan gives it a place.
enum Slot: Hashable {
  /// A buffer of the workspace, by its index in the compiler.
  case buffer(Int)
  case fixed(Space, Int)
}

/// A step on its way into a plan: all that placing memory needs to know, and how to make the step once that is done.
struct Draft {
  var name: String
  /// What is computed, such as `conv mb100 ic32 oc64 ih112 kh3 s1 p1`.
  var problem: String
  var reads: [Slot]
  var writes: [Slot]
  var tasks: Int
  var scratch: Int
  var multiplyAdds: Int
  /// Bytes read and written, where that is not all of what is touched.
  var bytes: Int?
  /// Whether the result depends on the run (its rows, seed, step) and not only on what is read.
  var dependsOnRun: Bool
  /// An input whose memory the output may take over, element by element, when this is its last use.
  var inPlace: (input: Slot, output: Slot)?
  /// Set where the work falls apart by rows of the batch.
  var rowwise: Rowwise?
  /// Whether the size of its pieces was asked of the tuning, under the name of the problem.
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

/// How a step falls apart by rows of the batch: what it makes of a row depends on that row and on what all rows share.
struct Rowwise {
  /// What is not cut by rows: weights, constants, sums over several rows.
  var shared: [Slot] = []
  /// The rows that are added up to one result, where not every row has its own.
  var chunk: Int?
}

/// Turns slots into locations, and keeps what steps point to alive with the plan.
struct Linker {
  let offsets: [Int]
  /// The buffers that lie in the memory of what is prepared: their places there.
  let prepared: [Int?]
  /// The buffers that live in the memory of a chain's worker, while its steps are linked: their places in its table.
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
