import NunchiTensors

/// Images in another size: each result pixel a weighted sum of pixels, the weights a product of those of its row and its
/// column (`AxisTaps`). Images NHWC.
package struct Resize: OperationRule {
  package let resizing: Resizing
  package let alignment: ResizeAlignment
  package let height: Int
  package let width: Int

  package init(_ resizing: Resizing, _ alignment: ResizeAlignment, height: Int, width: Int) {
    self.resizing = resizing
    self.alignment = alignment
    self.height = height
    self.width = width
  }

  package var name: String { "resize-" + resizing.rawValue }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    try expect(inputs, .float32)
    let x = inputs[0].shape
    guard x.rank == 4, x[1] > 0, x[2] > 0 else {
      throw OperationError("\(name) expects images [n, height, width, channels], got \(x)")
    }
    guard height > 0, width > 0 else { throw OperationError("\(name): a size of \(height)x\(width)") }
    return [ValueType([x[0], height, width, x[3]], batchOf: inputs[0])]
  }

  package func axes(_ x: Shape) -> (rows: AxisTaps, columns: AxisTaps) {
    (
      AxisTaps(resizing, alignment, inputs: x[1], outputs: height),
      AxisTaps(resizing, alignment, inputs: x[2], outputs: width)
    )
  }

  package func gradient(_ context: GradientContext) throws(OperationError) -> [Value?] {
    let x = context.inputs[0].shape
    return [record(.resizeGradient(ResizeGradient(self, height: x[1], width: x[2])), context.gradient)]
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] {
    let (rows, columns) = axes(inputs[0].shape)
    return [blended(inputs[0], rows, columns)]
  }
}

/// dx of a resize: each pixel collects from those that it went into. Input: dy.
package struct ResizeGradient: OperationRule {
  package let resize: Resize
  package let height: Int
  package let width: Int

  package init(_ resize: Resize, height: Int, width: Int) {
    self.resize = resize
    self.height = height
    self.width = width
  }

  package var name: String { resize.name + "-gradient" }
  package var preservesFlattening: Bool { false }

  package func resultTypes(_ inputs: [ValueType]) throws(OperationError) -> [ValueType] {
    let dy = inputs[0].shape
    return [ValueType([dy[0], height, width, dy[3]], batchOf: inputs[0])]
  }

  package var axes: (rows: AxisTaps, columns: AxisTaps) {
    let (rows, columns) = resize.axes([1, height, width, 1])
    return (rows.transposed, columns.transposed)
  }

  @_specialize(where T == Float)
  @_specialize(where T == Double)
  package func reference<T: ReferenceScalar>(
    _ inputs: [ReferenceArray<T>], _ context: RunState
  ) -> [ReferenceArray<T>] { [blended(inputs[0], axes.rows, axes.columns)] }
}

private func blended<T: ReferenceScalar>(
  _ x: ReferenceArray<T>, _ rows: AxisTaps, _ columns: AxisTaps
) -> ReferenceArray<T> {
  let (images, channels) = (x.shape[0], x.shape[3])
  var y = ReferenceArray<T>(zeros: [images, rows.taps.count, columns.taps.count, channels])
  var position = 0
  for n in 0..<images {
    for row in rows.taps {
      for column in columns.taps {
        for c in 0..<channels {
          for vertical in row {
            let line = (n * rows.inputs + vertical.index) * columns.inputs
            for horizontal in column {
              let share = T(vertical.weight) * T(horizontal.weight)
              y.values[position + c].addProduct(share, x.values[(line + horizontal.index) * channels + c])
            }
          }
        }
        position += channels
      }
    }
  }
  return y
}

/// Images [n, height, width, channels] in another size.
public func resize(
  _ images: Value, height: Int, width: Int, _ resizing: Resizing = .bilinear,
  _ alignment: ResizeAlignment = .halfPixel
) -> Value {
  record(.resize(Resize(resizing, alignment, height: height, width: width)), images)
}
