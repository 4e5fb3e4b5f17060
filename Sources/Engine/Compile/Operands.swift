import NunchiGraph
import NunchiKernels
import NunchiTensors

/// An `ImageSource` before memory is planned.
struct ImageOperand {
  let x: Slot
  var affine: (scale: Slot, shift: Slot)?
  var relu = false
  /// Whether x is bytes, to be normalised; scale and shift then have the length of a row.
  var bytes = false

  var isPlain: Bool { affine == nil }
  var reads: [Slot] { [x] + shared }
  /// Operands without an image axis.
  var shared: [Slot] { affine.map { [$0.scale, $0.shift] } ?? [] }

  func linked(_ link: Linker) -> ImageSource {
    ImageSource(
      x: link(x), scale: affine.map { link($0.scale) }, shift: affine.map { link($0.shift) }, relu: relu, bytes: bytes)
  }
}

/// A `GradientSource` before memory is planned.
struct GradientOperand {
  let dy: Slot
  var pool: (pool: nk_pool, place: Slot)?
  var gate: Slot?
  var normalization: (x: Slot, affine: (scale: Slot, shift: Slot)?, factors: Slot)?

  var isPlain: Bool { pool == nil && gate == nil && normalization == nil }
  var reads: [Slot] {
    [dy] + (pool.map { [$0.place] } ?? []) + (gate.map { [$0] } ?? [])
      + (normalization.map { [$0.x] } ?? []) + shared
  }
  /// Operands without an image axis.
  var shared: [Slot] { normalization.map { [$0.factors] + ($0.affine.map { [$0.scale, $0.shift] } ?? []) } ?? [] }

  func linked(_ link: Linker) -> GradientSource {
    GradientSource(
      dy: link(dy), pool: pool.map { .init(pool: $0.pool, place: link($0.place)) }, gate: gate.map { link($0) },
      normalization: normalization.map { entry in
        .init(
          x: link(entry.x), scale: entry.affine.map { link($0.scale) }, shift: entry.affine.map { link($0.shift) },
          factors: link(entry.factors))
      })
  }
}

/// A `BandEpilogue` before memory is planned.
struct EpilogueDraft {
  var reads: [Slot] = []
  var writes: [Slot] = []
  /// Operands without an image axis: factors per channel, and partial sums per chunk.
  private(set) var shared: [Slot] = []
  private var stages: Stages?

  struct Stages {
    let written: Slot
    let chunks: Chunks
    let channels: Int
    var addend: Slot?
    var gate: Slot?
    var sums: [(Linker) -> BandSum] = []
  }

  /// No epilogue.
  init() {}

  init(_ stages: Stages) {
    self.stages = stages
    reads = [stages.addend, stages.gate].compactMap(\.self)
  }

  var isEmpty: Bool { reads.isEmpty && writes.isEmpty }

  /// Adds a sum over what was written, with the further slots that it reads and writes.
  mutating func add(
    reads: [Slot] = [], shared: [Slot] = [], writes partials: Slot, _ sum: @escaping (Linker) -> BandSum
  ) {
    self.reads += reads
    self.shared += shared + [partials]
    writes.append(partials)
    stages?.sums.append(sum)
  }

  func make(_ link: Linker) -> BandEpilogue {
    guard let stages else { return .none }
    let sums = stages.sums.map { $0(link) }
    return BandEpilogue(
      written: link(stages.written), addend: stages.addend.map { link($0) }, gate: stages.gate.map { link($0) },
      chunks: stages.chunks, channels: stages.channels,
      sums: UnsafeBufferPointer(start: link.table(sums), count: sums.count))
  }
}

/// What lowering has recorded about values, for the steps that follow.
struct Fusions {
  /// Lazy images, and the operands that their consumers read instead.
  var images: [ValueID: ImageOperand] = [:]
  /// Lazy gradients, and the operands that their consumers read instead.
  var gradients: [ValueID: GradientOperand] = [:]
  /// scale and shift of a batch norm, keyed by its measured mean.
  var affines: [ValueID: (scale: Slot, shift: Slot)] = [:]
  /// Positions in the window of a pool's chosen elements, keyed by the pool's indices.
  var places: [ValueID: Slot] = [:]
  /// The chosen elements of a pool before normalisation, keyed by the pool's indices.
  var chosen: [ValueID: Slot] = [:]
  /// Partial sums that epilogues compute: moments and channel sums, keyed by the value that was written; the sums of a
  /// batch-norm gradient, keyed by the batch norm's measured mean.
  var moments: [ValueID: (partials: Slot, chunks: Chunks)] = [:]
  var channelSums: [ValueID: (partials: Slot, chunks: Chunks)] = [:]
  var gradientSums: [ValueID: (partials: Slot, chunks: Chunks)] = [:]
}
