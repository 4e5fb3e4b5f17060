import NunchiTensors

/// Groups of numbers to mean 0 and variance 1: y = (x − mean) · rstd, rstd = 1 / √(variance + ε), variance biased (÷ n).
///
/// x is seen as [rows, pixels, groups, width], where the leading `rowAxes` axes make the rows and the last axis is cut into
/// groups of channels; numbers of one row and one group belong together. Outputs: y, rstd [rows, groups].
package struct Standardization: OperationRule {
  package let rowAxes: Int
  package let groups: Int
  package let epsilon: Float

  package init(rowAxes: Int, groups: Int, epsilon: Float) {
    self.rowAxes = rowAxes
    self.groups = groups
    self.epsilon = epsilon
  }

  package var name: String { "standardization" }
  package var preservesFlattening: Bool { false }
  package var outputCount: Int { 2 }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    let x = inputs[0].shape
    guard rowAxes > 0, x.rank > rowAxes, x.count > 0 else {
      throw OperationError("\(name) expects rows and what is standardised in them, got shape \(x)")
    }
    guard groups > 0, x.channels % groups == 0 else {
      throw OperationError("\(name): \(x.channels) channels in \(groups) groups (input shape \(x))")
    }
    return [inputs[0], ValueType(Shape(x.extents.prefix(rowAxes) + [groups]), batchOf: inputs[0])]
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    guard let dy = context.outputGradients[0], context.outputGradients[1] == nil else {
      throw OperationError("\(name): its deviations are for its own gradient")
    }
    let rule = StandardizationGradient(rowAxes: rowAxes, groups: groups)
    return [record(.standardizationGradient(rule), dy, context.outputs[0], context.outputs[1])]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let x = inputs[0]
    let blocks = StandardizedBlocks(x.shape, rowAxes, groups)
    var y = x
    var rstd = ReferenceArray<T>(zeros: Shape(x.shape.extents.prefix(rowAxes) + [groups]))
    for (block, positions) in blocks.positions.enumerated() {
      let mean = positions.reduce(T(0)) { $0 + x.values[$1] } / T(positions.count)
      let squares = positions.reduce(T(0)) { $0 + (x.values[$1] - mean) * (x.values[$1] - mean) }
      rstd.values[block] = 1 / (squares / T(positions.count) + T(epsilon)).squareRoot()
      for position in positions { y.values[position] = (x.values[position] - mean) * rstd.values[block] }
    }
    return [y, rstd]
  }
}

/// dx = rstd · (dy − Σ dy / n − y · Σ dy·y / n) over each group. Inputs: dy, y, rstd.
package struct StandardizationGradient: OperationRule {
  package let rowAxes: Int
  package let groups: Int

  package init(rowAxes: Int, groups: Int) {
    self.rowAxes = rowAxes
    self.groups = groups
  }

  package var name: String { "standardization-gradient" }
  package var preservesFlattening: Bool { false }
  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] { [inputs[1]] }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (dy, y, rstd) = (inputs[0], inputs[1], inputs[2])
    var dx = y
    for (block, positions) in StandardizedBlocks(y.shape, rowAxes, groups).positions.enumerated() {
      let count = T(positions.count)
      let sum = positions.reduce(T(0)) { $0 + dy.values[$1] } / count
      let product = positions.reduce(T(0)) { $0 + dy.values[$1] * y.values[$1] } / count
      for i in positions { dx.values[i] = rstd.values[block] * (dy.values[i] - sum - y.values[i] * product) }
    }
    return [dx]
  }
}

/// The positions that are standardised together.
private struct StandardizedBlocks {
  private(set) var positions: [[Int]]

  init(_ shape: Shape, _ rowAxes: Int, _ groups: Int) {
    let rows = shape.extents.prefix(rowAxes).reduce(1, *)
    let (channels, width) = (shape.channels, shape.channels / groups)
    positions = [[Int]](repeating: [], count: rows * groups)
    let perRow = shape.count / rows
    for position in 0..<shape.count {
      positions[position / perRow * groups + position % channels / width].append(position)
    }
  }
}

/// y = γ · (x − mean) · rstd + β with the statistics of each row and each of `groups` groups of channels.
public func groupNormalize(
  _ x: Value, groups: Int, scale: Parameter?, shift: Parameter?, epsilon: Float = 1e-5
) -> Value { standardized(x, rowAxes: 1, groups: groups, scale, shift, epsilon) }

/// The same with the statistics of the last `axes` axes.
public func layerNormalize(
  _ x: Value, axes: Int, scale: Parameter?, shift: Parameter?, epsilon: Float = 1e-5
) -> Value { standardized(x, rowAxes: x.shape.rank - axes, groups: 1, scale, shift, epsilon) }

private func standardized(
  _ x: Value, rowAxes: Int, groups: Int, _ scale: Parameter?, _ shift: Parameter?, _ epsilon: Float
) -> Value {
  let rule = Standardization(rowAxes: rowAxes, groups: groups, epsilon: epsilon)
  var y = x.tracer.add(.standardization(rule), [x])[0]
  if let scale { y = y * x.tracer.parameter(scale) }
  if let shift { y = y + x.tracer.parameter(shift) }
  return y
}
