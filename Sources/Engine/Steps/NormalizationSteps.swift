import NunchiGraph
import NunchiKernels

/// How the pixels of a batch are split into chunks, whose partial results are joined in order. Each block of pixels, an
/// image or the whole batch, is split by itself.
struct Chunks {
  /// The valid pixels.
  let pixels: Extent
  let pixelsPerBlock: Int
  let pixelsPerChunk: Int

  var chunksPerBlock: Int { pixelsPerBlock.dividedRoundingUp(by: pixelsPerChunk) }

  /// The pixels of a chunk; none where its block is beyond the valid rows of the batch.
  func range(_ chunk: Int, _ rows: Int) -> Range<Int> {
    let (block, part) = chunk.quotientAndRemainder(dividingBy: chunksPerBlock)
    let total = pixels.count(rows)
    let start = min(block * pixelsPerBlock + part * pixelsPerChunk, total)
    return start..<min(start + pixelsPerChunk, (block + 1) * pixelsPerBlock, total)
  }

  /// The number of chunks that hold valid pixels.
  func count(_ rows: Int) -> Int {
    let (blocks, rest) = pixels.count(rows).quotientAndRemainder(dividingBy: pixelsPerBlock)
    return blocks * chunksPerBlock + rest.dividedRoundingUp(by: pixelsPerChunk)
  }
}

/// Channels that one task joins.
let channelsPerTask = 16

/// Mean and Σ (x − mean)² of each channel over one chunk of pixels: row `task` of the partial results.
struct MomentsStep {
  let x: Location
  /// [chunks, 2, channels]
  let partials: Location
  let chunks: Chunks
  let channels: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = chunks.range(task, c.rows)
    guard !part.isEmpty else { return }
    let result = c.floats(partials) + task * 2 * channels
    c.kernels.pointee.moments(
      c.floats(x) + part.lowerBound * channels, Int64(part.count), Int64(channels), result, result + channels)
  }
}

/// Joins the chunks' moments in order, computes scale = γ · rstd and shift = β − mean · scale, and updates the running
/// statistics.
struct BatchStatisticsStep {
  let partials: Location
  let gamma: Location
  let beta: Location
  let oldMean: Location
  let oldVariance: Location
  let mean: Location
  let rstd: Location
  let scale: Location
  let shift: Location
  let newMean: Location
  let newVariance: Location
  let chunks: Chunks
  let channels: Int
  let epsilon: Float
  let momentum: Float

  func run(_ task: Int, _ c: RunContext) {
    let count = chunks.count(c.rows)
    let partials = c.floats(partials)
    let (gamma, beta, mean, rstd) = (c.floats(gamma), c.floats(beta), c.floats(mean), c.floats(rstd))
    let (scale, shift) = (c.floats(scale), c.floats(shift))
    let (oldMean, oldVariance) = (c.floats(oldMean), c.floats(oldVariance))
    let (newMean, newVariance) = (c.floats(newMean), c.floats(newVariance))
    for channel in share(task, of: channels, size: channelsPerTask) {
      var seen = 0.0
      var center = 0.0
      var squares = 0.0
      for chunk in 0..<count {
        let part = partials + chunk * 2 * channels + channel
        let pixels = Double(chunks.range(chunk, c.rows).count)
        // Chan's rule for joining two sets of known mean and squared distance.
        let distance = Double(part[0]) - center
        squares += Double(part[channels]) + distance * distance * seen * pixels / (seen + pixels)
        center += distance * pixels / (seen + pixels)
        seen += pixels
      }
      let deviation = 1 / (squares / seen + Double(epsilon)).squareRoot()
      mean[channel] = Float(center)
      rstd[channel] = Float(deviation)
      scale[channel] = gamma[channel] * rstd[channel]
      shift[channel] = beta[channel] - mean[channel] * scale[channel]
      let unbiased = Float(squares / max(seen - 1, 1))
      newMean[channel] = (1 - momentum) * oldMean[channel] + momentum * mean[channel]
      newVariance[channel] = (1 - momentum) * oldVariance[channel] + momentum * unbiased
    }
  }
}

/// scale = γ / √(variance + ε), shift = β − mean · scale
struct InferenceStatisticsStep {
  let gamma: Location
  let beta: Location
  let mean: Location
  let variance: Location
  let scale: Location
  let shift: Location
  let channels: Int
  let epsilon: Float

  func run(_ task: Int, _ c: RunContext) {
    let (gamma, beta, mean, variance) = (c.floats(gamma), c.floats(beta), c.floats(mean), c.floats(variance))
    let (scale, shift) = (c.floats(scale), c.floats(shift))
    for channel in 0..<channels {
      scale[channel] = gamma[channel] / (variance[channel] + epsilon).squareRoot()
      shift[channel] = beta[channel] - mean[channel] * scale[channel]
    }
  }
}

/// Σ g and Σ g·x̂ of each channel over one chunk of pixels; g is dy, spread by a pool's gradient where there is one,
/// behind a ReLU of x · scale + shift where these are given.
struct NormalizationSumsStep {
  let dy: Location
  let pool: GradientSource.PooledGradient?
  let x: Location
  let scale: Location?
  let shift: Location?
  let mean: Location
  let rstd: Location
  /// [chunks, 2, channels]
  let partials: Location
  /// With a pool, chunks are whole rows of one image.
  let chunks: Chunks
  let channels: Int

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let part = chunks.range(task, c.rows)
    guard !part.isEmpty else { return }
    let first = part.lowerBound * channels
    let result = c.floats(partials) + task * 2 * channels
    c.kernels.pointee.batch_norm_sums(
      gradient(part, worker: worker, c), c.floats(x) + first, c.optional(scale), c.optional(shift), c.floats(mean),
      c.floats(rstd), Int64(part.count), Int64(channels), result, result + channels)
  }

  private func gradient(_ part: Range<Int>, worker: Int, _ c: RunContext) -> UnsafePointer<Float> {
    guard let pool else { return UnsafePointer(c.floats(dy) + part.lowerBound * channels) }
    let (image, pixel) = part.lowerBound.quotientAndRemainder(dividingBy: chunks.pixelsPerBlock)
    let width = Int(pool.pool.in_width)
    pool.write(image, dy, row: pixel / width, rows: part.count / width, into: c.scratch(worker), c)
    return UnsafePointer(c.scratch(worker))
  }
}

/// Joins the chunks' sums to dβ and dγ, and computes the factors of dx = a·g + b·x + d.
struct NormalizationFactorsStep {
  let partials: Location
  let gamma: Location
  let mean: Location
  let rstd: Location
  let dGamma: Location
  let dBeta: Location
  /// [3, channels]: a, b, d
  let factors: Location
  /// The chunks of the sums; with a pool behind the batch norm they cover fewer pixels than `pixels`.
  let chunks: Chunks
  let pixels: Extent
  let channels: Int

  func run(_ task: Int, _ c: RunContext) {
    let total = pixels.count(c.rows)
    let count = chunks.count(c.rows)
    let partials = c.floats(partials)
    let (gamma, mean, rstd) = (c.floats(gamma), c.floats(mean), c.floats(rstd))
    let (dGamma, dBeta, factors) = (c.floats(dGamma), c.floats(dBeta), c.floats(factors))
    for channel in share(task, of: channels, size: channelsPerTask) {
      var sum = 0.0
      var product = 0.0
      for chunk in 0..<count {
        sum += Double(partials[chunk * 2 * channels + channel])
        product += Double(partials[(chunk * 2 + 1) * channels + channel])
      }
      dBeta[channel] = Float(sum)
      dGamma[channel] = Float(product)
      // dx = γ·rstd·(g − dβ/n − (x − mean)·rstd·dγ/n), ordered by what multiplies g, x and nothing.
      let a = Double(gamma[channel]) * Double(rstd[channel])
      let b = -a * Double(rstd[channel]) * product / Double(total)
      factors[channel] = Float(a)
      factors[channels + channel] = Float(b)
      factors[2 * channels + channel] = Float(-a * sum / Double(total) - b * Double(mean[channel]))
    }
  }
}

/// A gradient written to memory, chunk by chunk of its pixels: behind a pool whole rows of one image each.
struct GradientStep {
  let source: GradientSource
  let dx: Location
  /// The frame of an image where chunks are parts of images, else rows of one pixel.
  let frame: Frame
  let chunks: Chunks
  let epilogue: BandEpilogue

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let part = chunks.range(task, c.rows)
    guard !part.isEmpty else { return }
    let (image, pixel) = part.lowerBound.quotientAndRemainder(dividingBy: chunks.pixelsPerBlock)
    source.frame(
      image, frame, from: pixel / frame.width, count: part.count / frame.width,
      into: c.floats(dx) + part.lowerBound * frame.channels, c)
    epilogue.run(task, worker: worker, c)
  }
}

/// y = a + b, then ReLU; an operand that is not plain is lazily normalised.
struct NormalizedSumStep {
  let a: ImageSource
  let b: ImageSource
  let y: Location
  let relu: Bool
  let rows: Extent
  let channels: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    let first = part.lowerBound * channels
    var (left, right) = (addend(a, first, c), addend(b, first, c))
    c.kernels.pointee.normalized_sum(
      &left, &right, relu ? 1 : 0, c.floats(y) + first, Int64(part.count), Int64(channels))
  }

  private func addend(_ side: ImageSource, _ first: Int, _ c: RunContext) -> nk_addend {
    nk_addend(
      x: c.floats(side.x) + first, scale: c.optional(side.scale), shift: c.optional(side.shift), relu: side.relu ? 1 : 0
    )
  }
}
