import NunchiGraph
import NunchiKernels

/// Mean and Σ (x − mean)² of each channel over one chunk of rows: row `task` of the partial results.
struct MomentsStep {
  let x: Location
  /// [chunks, 2, channels]
  let partials: Location
  let rows: Extent
  let channels: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    guard !part.isEmpty else { return }
    let result = c.floats(partials) + task * 2 * channels
    c.kernels.pointee.moments(
      c.floats(x) + part.lowerBound * channels, Int64(part.count), Int64(channels), result, result + channels)
  }
}

/// Combines the chunks' moments in their order, and makes what the normalisation needs of them: scale = γ · rstd and
/// shift = β − mean · scale; moves the running statistics.
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
  let rows: Extent
  let channels: Int
  let rowsPerTask: Int
  let epsilon: Float
  let momentum: Float

  func run(_ task: Int, _ c: RunContext) {
    let total = rows.count(c.rows)
    let partials = c.floats(partials)
    let (gamma, beta, mean, rstd) = (c.floats(gamma), c.floats(beta), c.floats(mean), c.floats(rstd))
    let (scale, shift) = (c.floats(scale), c.floats(shift))
    let (oldMean, oldVariance) = (c.floats(oldMean), c.floats(oldVariance))
    let (newMean, newVariance) = (c.floats(newMean), c.floats(newVariance))
    for channel in 0..<channels {
      var seen = 0.0
      var center = 0.0
      var squares = 0.0
      var start = 0
      while start < total {
        let chunk = partials + start / rowsPerTask * 2 * channels + channel
        let count = Double(min(rowsPerTask, total - start))
        // Chan's rule for joining two sets of known mean and squared distance.
        let distance = Double(chunk[0]) - center
        squares += Double(chunk[channels]) + distance * distance * seen * count / (seen + count)
        center += distance * count / (seen + count)
        seen += count
        start += rowsPerTask
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

/// Σ g and Σ g·x̂ of each channel over one chunk of rows; g is dy, behind a fused ReLU where its result y is given.
struct NormalizationSumsStep {
  let dy: Location
  let x: Location
  let y: Location?
  let mean: Location
  let rstd: Location
  /// [chunks, 2, channels]
  let partials: Location
  let rows: Extent
  let channels: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    guard !part.isEmpty else { return }
    let first = part.lowerBound * channels
    let result = c.floats(partials) + task * 2 * channels
    c.kernels.pointee.batch_norm_sums(
      c.floats(dy) + first, c.floats(x) + first, y.map { UnsafePointer(c.floats($0) + first) }, c.floats(mean),
      c.floats(rstd), Int64(part.count), Int64(channels), result, result + channels)
  }
}

/// Joins the chunks' sums to dβ and dγ and makes the factors of dx = a·g + b·x + d.
struct NormalizationFactorsStep {
  let partials: Location
  let gamma: Location
  let mean: Location
  let rstd: Location
  let dGamma: Location
  let dBeta: Location
  /// [3, channels]: a, b, d
  let factors: Location
  let rows: Extent
  let channels: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    let total = rows.count(c.rows)
    let chunks = (total + rowsPerTask - 1) / rowsPerTask
    let partials = c.floats(partials)
    let (gamma, mean, rstd) = (c.floats(gamma), c.floats(mean), c.floats(rstd))
    let (dGamma, dBeta, factors) = (c.floats(dGamma), c.floats(dBeta), c.floats(factors))
    for channel in 0..<channels {
      var sum = 0.0
      var product = 0.0
      for chunk in 0..<chunks {
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

/// dx = a·g + b·x + d by channel.
struct NormalizationGradientStep {
  let dy: Location
  let x: Location
  let y: Location?
  let factors: Location
  let dx: Location
  let rows: Extent
  let channels: Int
  let rowsPerTask: Int

  func run(_ task: Int, _ c: RunContext) {
    let part = share(task, of: rows.count(c.rows), size: rowsPerTask)
    guard !part.isEmpty else { return }
    let first = part.lowerBound * channels
    let factors = c.floats(factors)
    c.kernels.pointee.batch_norm_gradient(
      c.floats(dy) + first, c.floats(x) + first, y.map { UnsafePointer(c.floats($0) + first) }, factors,
      factors + channels, factors + 2 * channels, c.floats(dx) + first, Int64(part.count), Int64(channels))
  }
}
