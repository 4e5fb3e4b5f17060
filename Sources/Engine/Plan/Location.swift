import NunchiGraph
import NunchiKernels
import NunchiTensors

/// The memories that a step reads and writes.
enum Space: UInt8 {
  /// Scratch of one run: activations and their gradients.
  case workspace
  /// Results of the preparation, for all runs: packed weights, folded constants.
  case prepared
  case parameters
  case statistics
  /// Gradients of the parameters, in the order of the parameters' arena.
  case gradients
  /// Literal tensors of the graph, owned by the plan.
  case constants
  /// Tensors that the caller binds; the offset is the input's index.
  case inputs
  /// Rows of a value local to a chain; the offset is its index in the worker's table.
  case local
  case firstState
  case secondState

  static let count = 10
}

/// A place in one of the memories, in bytes.
struct Location: Equatable {
  var space: Space
  var offset: Int
}

/// A number of elements: a constant, or a number per valid row of the batch.
struct Extent: Equatable {
  var perRow: Int
  var fixed: Int

  static func fixed(_ count: Int) -> Extent { Extent(perRow: 0, fixed: count) }

  /// The elements of a value of this type.
  init(_ type: ValueType) {
    perRow = type.batched ? type.elementsPerImage : 0
    fixed = type.batched ? 0 : type.shape.count
  }

  init(perRow: Int, fixed: Int) {
    self.perRow = perRow
    self.fixed = fixed
  }

  func count(_ rows: Int) -> Int { perRow * rows + fixed }

  static func / (extent: Extent, divisor: Int) -> Extent {
    Extent(perRow: extent.perRow / divisor, fixed: extent.fixed / divisor)
  }
}

/// What steps know of the current run. Plain data behind a pointer: nothing is retained while it runs.
struct RunContext {
  let kernels: UnsafePointer<nk_table>
  /// Base addresses by `Space.rawValue`.
  let bases: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// Base addresses of the inputs.
  let inputs: UnsafeMutablePointer<UnsafeMutableRawPointer>
  /// The address that row 0 of each local value would have; set within a chain.
  var locals: UnsafeMutablePointer<UnsafeMutableRawPointer>
  let scratch: UnsafeMutableRawPointer
  let scratchStride: Int
  /// Valid leading rows of the batch.
  var rows = 0
  /// What batch means divide by.
  var divisor: Float = 1
  var seed: UInt64 = 0
  var step: UInt64 = 0
  var microBatch: UInt32 = 0
  var update = UpdateScalars()

  func raw(_ location: Location) -> UnsafeMutableRawPointer {
    switch location.space {
    case .inputs: inputs[location.offset]
    case .local: locals[location.offset]
    case .workspace, .prepared, .parameters, .statistics, .gradients, .constants, .firstState, .secondState:
      bases[Int(location.space.rawValue)] + location.offset
    }
  }

  func floats(_ location: Location) -> UnsafeMutablePointer<Float> {
    raw(location).assumingMemoryBound(to: Float.self)
  }

  /// The address, or nil for an absent optional argument.
  func optional(_ location: Location?) -> UnsafePointer<Float>? {
    location.map { UnsafePointer(floats($0)) }
  }

  func bytes(_ location: Location) -> UnsafeMutablePointer<UInt8> {
    raw(location).assumingMemoryBound(to: UInt8.self)
  }

  func integers(_ location: Location) -> UnsafeMutablePointer<Int32> {
    raw(location).assumingMemoryBound(to: Int32.self)
  }

  func scratch(_ worker: Int) -> UnsafeMutablePointer<Float> {
    (scratch + worker * scratchStride).assumingMemoryBound(to: Float.self)
  }
}

/// The run-time numbers of an optimizer step.
struct UpdateScalars {
  var rate: Float = 0
  /// What gradients are multiplied by before anything else (clipping by norm).
  var gradientScale: Float = 1
  var correction1: Float = 1
  var rootCorrection2: Float = 1
}
