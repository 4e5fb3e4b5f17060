import NunchiKernels

/// What a step does with the pixels that it has just written, while they are in the cache. Task t of the step writes the
/// pixels of chunk t, and their sums become row t of the partial results that later steps join.
struct BandEpilogue {
  /// What was written, and what is added to it: the gradient from another consumer of the same value.
  let written: Location
  let addend: Location?
  /// A ReLU's result: what was written is kept where it is positive, else set to zero.
  let gate: Location?
  let chunks: Chunks
  let channels: Int
  let sums: UnsafeBufferPointer<BandSum>

  nonisolated(unsafe) static let none = BandEpilogue(
    written: Location(space: .workspace, offset: 0), addend: nil, gate: nil,
    chunks: Chunks(pixels: .fixed(0), pixelsPerBlock: 1, pixelsPerChunk: 1), channels: 0,
    sums: UnsafeBufferPointer(start: nil, count: 0))

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    guard addend != nil || gate != nil || !sums.isEmpty else { return }
    let part = chunks.range(task, c.rows)
    guard !part.isEmpty else { return }
    if addend != nil || gate != nil {
      let first = part.lowerBound * channels
      let target = c.floats(written) + first
      c.kernels.pointee.gated_sum(
        target, c.optional(addend).map { $0 + first }, c.optional(gate).map { $0 + first }, target,
        Int64(part.count * channels))
    }
    for index in sums.indices { sums[index].run(task, worker: worker, c) }
  }
}

/// A sum over the pixels of one chunk.
enum BandSum {
  /// The moments for a batch normalisation.
  case moments(MomentsStep)
  /// The sums for the gradient of a batch normalisation.
  case normalization(NormalizationSumsStep)
  /// The sum of each channel.
  case channels(ChannelSumStep)

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    switch self {
    case .moments(let step): step.run(task, c)
    case .normalization(let step): step.run(task, worker: worker, c)
    case .channels(let step): step.run(task, c)
    }
  }
}

/// The sum of each channel over one chunk of pixels.
struct ChannelSumStep {
  let x: Location
  /// [chunks, channels]
  let partials: Location
  let chunks: Chunks
  let channels: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = chunks.range(task, c.rows)
    guard !part.isEmpty else { return }
    c.kernels.pointee.reduce(
      NK_SUM, c.floats(x) + part.lowerBound * channels, 1, Int64(part.count), Int64(channels),
      c.floats(partials) + task * channels)
  }
}

/// Joins the chunks' sums of each channel in their order.
struct ChannelJoinStep {
  let partials: Location
  let y: Location
  let chunks: Chunks
  let channels: Int

  func run(_ task: Int, _ c: RunContext) {
    c.kernels.pointee.reduce(
      NK_SUM, c.floats(partials), 1, Int64(chunks.count(c.rows)), Int64(channels), c.floats(y))
  }
}
