import NunchiGraph
import NunchiKernels
import NunchiTensors

/// An `ImageSource` before memory has its places.
struct ImageOperand {
  let x: Slot
  var affine: (scale: Slot, shift: Slot)?
  var relu = false

  var isPlain: Bool { affine == nil }
  var reads: [Slot] { [x] + (affine.map { [$0.scale, $0.shift] } ?? []) }

  func linked(_ link: Linker) -> ImageSource {
    ImageSource(x: link(x), scale: affine.map { link($0.scale) }, shift: affine.map { link($0.shift) }, relu: relu)
  }
}

/// A `GradientSource` before memory has its places.
struct GradientOperand {
  let dy: Slot
  var pool: (pool: nk_pool, place: Slot)?
  var gate: Slot?
  var normalization: (x: Slot, affine: (scale: Slot, shift: Slot)?, factors: Slot)?

  var isPlain: Bool { pool == nil && gate == nil && normalization == nil }
  var reads: [Slot] {
    [dy] + (pool.map { [$0.place] } ?? []) + (gate.map { [$0] } ?? [])
      + (normalization.map { [$0.x, $0.factors] + ($0.affine.map { [$0.scale, $0.shift] } ?? []) } ?? [])
  }

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

/// A `BandEpilogue` before memory has its places.
struct EpilogueDraft {
  var reads: [Slot] = []
  var writes: [Slot] = []
  var make: (Linker) -> BandEpilogue = { _ in .none }
}

/// What lowering has found out about values so far, for the steps that come later.
struct Fusions {
  /// Images that are never written, by what their readers read instead.
  var images: [ValueID: ImageOperand] = [:]
  /// Gradients that are never written, by what their readers read instead.
  var gradients: [ValueID: GradientOperand] = [:]
  /// scale and shift of a batch normalisation, by its measured mean.
  var affines: [ValueID: (scale: Slot, shift: Slot)] = [:]
  /// Places of a pool's chosen elements, by the value of their indices.
  var places: [ValueID: Slot] = [:]
  /// Partial results that the step which writes a value computes along with it: moments for the normalisation that reads
  /// it, sums for the gradient of a normalisation that does.
  var moments: [ValueID: (partials: Slot, chunks: Chunks)] = [:]
  var sums: [ValueID: (partials: Slot, chunks: Chunks)] = [:]
}
