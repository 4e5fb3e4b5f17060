import NunchiTensors

/// Maximum, minimum or average over windows of each channel. Images NHWC. Extremes have a second output: for each
/// result the position `row · width + column` of the element chosen, the first among equals.
package struct Pool: OperationRule {
  package enum Kind: String, Hashable, Sendable { case maximum, minimum, average }

  package let kind: Kind
  package let window: Window
  package let ceil: Bool
  /// Average: whether border pixels count in the divisor (PyTorch's default) or only those of the image.
  package let countsPadding: Bool

  package init(_ kind: Kind, _ window: Window, ceil: Bool, countsPadding: Bool) {
    self.kind = kind
    self.window = window
    self.ceil = ceil
    self.countsPadding = countsPadding
  }

  package var name: String { kind.rawValue + "-pool" }
  package var preservesFlattening: Bool { false }
  package var outputCount: Int { kind == .average ? 1 : 2 }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    try window.validate(name)
    let x = inputs[0].shape
    guard x.rank == 4 else { throw OperationError("\(name) expects images [n, height, width, channels], got \(x)") }
    guard window.dilationHeight == 1, window.dilationWidth == 1 else {
      throw OperationError("\(name) does not take a dilated window")
    }
    guard max(window.top, window.bottom) <= window.kernelHeight / 2,
      max(window.left, window.right) <= window.kernelWidth / 2
    else { throw OperationError("\(name): padding must be at most half the window, or a window could lie outside") }
    let (height, width) = window.output(height: x[1], width: x[2], ceil: ceil)
    guard height > 0, width > 0 else {
      throw OperationError(
        "\(name): a \(window.kernelHeight)x\(window.kernelWidth) window is larger than the padded image \(x)")
    }
    let shape: Shape = [x[0], height, width, x[3]]
    let y = ValueType(shape, batched: inputs[0].batched)
    return kind == .average ? [y] : [y, ValueType(shape, .int32, batched: inputs[0].batched)]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let x = context.inputs[0].shape
    let rule = PoolGradient(self, height: x[1], width: x[2])
    if kind == .average { return [record(.poolGradient(rule), context.gradient)] }
    return [record(.poolGradient(rule), context.gradient, context.outputs[1])]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let x = inputs[0]
    let shape = try! resultTypes([ValueType(x.shape)])[0].shape
    var y = ReferenceArray<T>(zeros: shape)
    var chosen = ReferenceArray<T>(zeros: shape)
    let (width, channels) = (x.shape[2], x.shape[3])
    for (position, at) in indices(of: shape).enumerated() {
      let rows = rows(at[1], x.shape[1])
      let columns = columns(at[2], width)
      var best: (value: T, index: Int)?
      var sum: T = 0
      for h in rows {
        for w in columns {
          let value = x.values[((at[0] * x.shape[1] + h) * width + w) * channels + at[3]]
          sum += value
          if best == nil || wins(value, best!.value) { best = (value, h * width + w) }
        }
      }
      switch kind {
      case .average: y.values[position] = sum / T(divisor(at[1], at[2], x.shape))
      case .maximum, .minimum:
        y.values[position] = best!.value
        chosen.values[position] = T(best!.index)
      }
    }
    return kind == .average ? [y] : [y, chosen]
  }

  private func wins<T: ReferenceScalar>(_ value: T, _ best: T) -> Bool {
    (value.isNaN && !best.isNaN) || (kind == .maximum ? value > best : value < best)
  }

  /// The image rows under the window of result row `row`.
  func rows(_ row: Int, _ height: Int) -> Range<Int> {
    let start = row * window.strideHeight - window.top
    return max(start, 0)..<min(start + window.kernelHeight, height)
  }

  func columns(_ column: Int, _ width: Int) -> Range<Int> {
    let start = column * window.strideWidth - window.left
    return max(start, 0)..<min(start + window.kernelWidth, width)
  }

  /// What the sum of an average window is divided by.
  func divisor(_ row: Int, _ column: Int, _ x: Shape) -> Int {
    guard countsPadding else { return rows(row, x[1]).count * columns(column, x[2]).count }
    let (top, left) = (row * window.strideHeight - window.top, column * window.strideWidth - window.left)
    let bottom = min(top + window.kernelHeight, x[1] + window.bottom)
    let right = min(left + window.kernelWidth, x[2] + window.right)
    return (bottom - top) * (right - left)
  }
}

/// dx of a pool. Inputs: dy, and for extremes the positions chosen.
package struct PoolGradient: OperationRule {
  package let pool: Pool
  package let height: Int
  package let width: Int

  package init(_ pool: Pool, height: Int, width: Int) {
    self.pool = pool
    self.height = height
    self.width = width
  }

  package var name: String { pool.name + "-gradient" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    let dy = inputs[0].shape
    return [ValueType([dy[0], height, width, dy[3]], batched: inputs[0].batched)]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let dy = inputs[0]
    var dx = ReferenceArray<T>(zeros: [dy.shape[0], height, width, dy.shape[3]])
    let channels = dy.shape[3]
    for (position, at) in indices(of: dy.shape).enumerated() {
      switch pool.kind {
      case .maximum, .minimum:
        let pixel = at[0] * height * width + Int(inputs[1].values[position])
        dx.values[pixel * channels + at[3]] += dy.values[position]
      case .average:
        let share = dy.values[position] / T(pool.divisor(at[1], at[2], dx.shape))
        for h in pool.rows(at[1], height) {
          for w in pool.columns(at[2], width) {
            dx.values[((at[0] * height + h) * width + w) * channels + at[3]] += share
          }
        }
      }
    }
    return [dx]
  }
}

private func pool(
  _ kind: Pool.Kind, _ x: Value, _ kernel: (Int, Int), _ stride: (Int, Int)?, _ padding: Padding, _ ceil: Bool,
  _ countsPadding: Bool = true
) -> Value {
  let image = x.shape.rank == 4 ? x.shape : [0, 0, 0, 0]
  let window = Window(
    kernel: kernel, stride: stride ?? kernel, padding: padding, height: image[1], width: image[2])
  return record(.pool(Pool(kind, window, ceil: ceil, countsPadding: countsPadding)), x)
}

/// The largest value of each window of `[n, height, width, channels]`.
public func maxPool(
  _ x: Value, kernel: (Int, Int), stride: (Int, Int)? = nil, padding: Padding = .valid, ceil: Bool = false
) -> Value { pool(.maximum, x, kernel, stride, padding, ceil) }

/// The smallest value of each window of `[n, height, width, channels]`.
public func minPool(
  _ x: Value, kernel: (Int, Int), stride: (Int, Int)? = nil, padding: Padding = .valid, ceil: Bool = false
) -> Value { pool(.minimum, x, kernel, stride, padding, ceil) }

/// The mean of each window of `[n, height, width, channels]`.
public func averagePool(
  _ x: Value, kernel: (Int, Int), stride: (Int, Int)? = nil, padding: Padding = .valid, ceil: Bool = false,
  countsPadding: Bool = true
) -> Value { pool(.average, x, kernel, stride, padding, ceil, countsPadding) }
