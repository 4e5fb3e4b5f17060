/// The steps of a chain: a task takes a chunk of the batch's rows and runs all steps on one block of rows after the other.
struct ChainStep {
  let steps: UnsafePointer<Work>
  let count: Int
  /// Rows of a task.
  let chunk: Int
  let block: Int
  let locals: UnsafePointer<LocalRows>
  let localCount: Int
  /// The offset of the table of local values in the worker's scratch memory.
  let table: Int
  /// Whether local values are filled with NaN before each block (checked mode).
  let poisons: Bool

  func run(_ task: Int, worker: Int, _ c: RunContext) {
    let rows = share(task, of: c.rows, size: chunk)
    let memory = UnsafeMutableRawPointer(c.scratch(worker))
    var c = c
    c.locals = (memory + table).bindMemory(to: UnsafeMutableRawPointer.self, capacity: localCount)
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: block) {
      for index in 0..<localCount {
        let place = memory + locals[index].offset
        if poisons { place.initializeMemory(as: UInt8.self, repeating: 0xFF, count: block * locals[index].rowBytes) }
        (c.locals + index).initialize(to: place - first * locals[index].rowBytes)
      }
      let part = first..<min(first + block, rows.upperBound)
      for index in 0..<count { steps[index].run(rows: part, worker: worker, c) }
    }
  }
}

/// A value local to a chain: the rows of one block, in a worker's scratch memory.
struct LocalRows {
  let offset: Int
  let rowBytes: Int
}

extension Work {
  /// Runs a step that can be split by rows for some of them.
  func run(rows: Range<Int>, worker: Int, _ c: RunContext) {
    func times(_ count: Int) -> Range<Int> { rows.lowerBound * count..<rows.upperBound * count }
    switch self {
    case .map(let step): step.run(times(step.extent.perRow), c)
    case .mapGradient(let step): step.run(times(step.extent.perRow), c)
    case .dropout(let step): step.run(times(step.extent.perRow), c)
    case .binary(let step): step.run(times(step.rows.perRow), c)
    case .affine(let step): step.run(times(step.rows.perRow), c)
    case .columnSum(let step): for row in rows { step.run(row, c) }
    case .pool(let step): for task in times(step.bands) { step.run(task, c) }
    case .averagePoolGradient(let step): for row in rows { step.run(row, c) }
    case .gradient(let step): for task in times(step.chunks.chunksPerBlock) { step.run(task, worker: worker, c) }
    case .convolution(let step): for task in times(step.bands) { step.run(task, worker: worker, c) }
    case .convolutionInputGradient(let step): for task in times(step.bands) { step.run(task, worker: worker, c) }
    case .convolutionWeightGradient(let step): step.run(rows, worker: worker, c)
    case .winograd(let step): step.run(images: rows, worker: worker, c)
    case .winogradWeightGradient(let step): step.run(images: rows, worker: worker, c)
    case .fill, .copy, .normalizedSum, .channelJoin, .oneHot, .notEqual, .reduce, .partialSum, .maximumGradient,
      .softmax,
      .softmaxGradient, .crossEntropy, .crossEntropyGradient, .batchMean, .batchMeanGradient, .moments,
      .batchStatistics, .inferenceStatistics, .normalizationSums, .normalizationFactors, .pack, .matrix,
      .winogradWeights, .winogradSides, .winogradPoint, .winogradTaps, .depthwise, .depthwiseInputGradient,
      .depthwiseWeightGradient, .blend, .standardize, .standardizeGradient, .response, .responseGradient, .sortRows,
      .chain, .custom, .squares, .update:
      preconditionFailure("a step in a chain that does not run by rows")
    }
  }
}
