import NunchiEngine
import NunchiGraph
import NunchiTensors
import Testing

/// A 3x3 convolution of stride 1, and what it must be computed by: 2 for F(2,3), 4 for F(4,3), 0 for the direct sum.
private struct Problem: Sendable {
  let height: Int
  let width: Int
  let inputs: Int
  let outputs: Int
  /// In training the result and the gradient of the weights, in training the gradient of the image, in inference the
  /// result.
  let sides: (forward: Int, gradient: Int, inference: Int)
  /// Rows above and below, columns to the left and right.
  let padding: [Int]

  init(
    _ height: Int, _ width: Int, _ inputs: Int, _ outputs: Int,
    _ sides: (forward: Int, gradient: Int, inference: Int) = (0, 0, 0), padding: [Int] = [1, 1, 1, 1]
  ) {
    (self.height, self.width, self.inputs, self.outputs) = (height, width, inputs, outputs)
    (self.sides, self.padding) = (sides, padding)
  }

  var multiplyAdds: Int { height * width * inputs * outputs * 9 }

  /// conv(x + image) + bias: the gradient of `image` is that of the convolution's input. No ReLU, whose kink would make
  /// another gradient of a rounding.
  var subject: Subject {
    let (kernel, bias, image) = (weight(3, 3, inputs, outputs), weight(outputs), weight(height, width, inputs))
    let padding = Padding.explicit(top: padding[0], bottom: padding[1], left: padding[2], right: padding[3])
    return Subject(
      "conv \(height)x\(width) \(inputs) -> \(outputs) \(padding)", inputs: [("x", [height, width, inputs], .normal)],
      parameters: [kernel, bias, image]
    ) { tracer, values in
      convolve(values[0] + tracer.parameter(image), tracer.parameter(kernel), padding: padding)
        + tracer.parameter(bias)
    }
  }
}

/// The class that a plan computes a kind of convolution by: 0, 2 or 4; nil where there is none.
private func chosen(_ kind: String, by plan: Plan) -> Int? {
  let step = plan.describe().split(separator: "\n").first { $0.contains("[\(kind) mb") }
  return step.map { $0.contains("F(4,3)") ? 4 : $0.contains("F(2,3)") ? 2 : 0 }
}

/// What a plan for inference makes of images that do not depend on the batch.
private struct Prediction {
  let plan: Plan
  let weights: Weights
  private let batch: Int
  private let images: [String: Tensor]
  private let graph: Graph

  init(_ subject: Subject, batch: Int, options: PlanOptions = PlanOptions()) throws {
    self.batch = batch
    weights = Weights(layout(subject), seed: 3)
    images = Comparison.inputs(subject, rows: 5, seed: 3)
    graph = try trace(.inference) { tracer in
      let inputs = subject.inputs.map { tracer.input($0.name, Shape([batch] + $0.row.extents)) }
      tracer.output("y", subject.build(tracer, inputs))
    }
    plan = Plan(graph, layout: weights.layout, options: options)
  }

  /// The batch that begins with image `first`.
  func run(from first: Int = 0) -> [Float] {
    let workspace = Workspace(plan, pool: WorkerPool(threads: 2))
    return images["x"]!.rows(first..<first + batch).withUnsafeBytes { bytes in
      workspace.bind("x", bytes.baseAddress!)
      workspace.run(reading: weights, rows: batch)
      return workspace.output("y").floats
    }
  }

  func reference() -> ReferenceArray<Double> {
    ReferenceExecutor<Double>(inputs: images.mapValues { $0.rows(0..<batch) }, weights: weights)
      .run(graph).outputs["y"]!
  }

  func largest(_ input: String) -> Double {
    images[input]!.rows(0..<batch).floats.reduce(0) { max($0, Double(abs($1))) }
  }
}

private func layout(_ subject: Subject) -> WeightsLayout {
  WeightsLayout(subject.parameters.enumerated().map { (name: "p\($0)", parameter: $1) })
}

/// Convolutions through tiles against the reference, with the bounds that `WinogradRule` states.
@Suite(.serialized) struct WinogradTests {
  private static let problems: [Problem] = [
    // Whole tiles, partial ones, and more channels than outputs.
    Problem(4, 4, 8, 8, (4, 4, 4)), Problem(4, 4, 24, 40, (4, 4, 4)), Problem(8, 8, 24, 24, (4, 4, 4)),
    Problem(13, 11, 24, 40, (4, 4, 4)), Problem(9, 9, 40, 72, (4, 4, 4)), Problem(7, 9, 72, 24, (4, 4, 4)),
    Problem(5, 5, 40, 40, (2, 2, 2)), Problem(6, 6, 16, 16, (2, 2, 2)), Problem(6, 5, 48, 48, (2, 2, 2)),
    Problem(6, 6, 40, 72, (2, 2, 2)),
    // No, wide and uneven borders.
    Problem(10, 9, 24, 24, (4, 4, 4), padding: [0, 0, 0, 0]), Problem(7, 8, 40, 24, (4, 4, 4), padding: [2, 2, 2, 2]),
    Problem(9, 10, 24, 40, (4, 4, 4), padding: [2, 0, 1, 0]), Problem(8, 13, 16, 24, (4, 4, 4), padding: [0, 1, 2, 1]),
    Problem(6, 6, 24, 40, (4, 2, 4), padding: [0, 0, 0, 0]), Problem(5, 6, 72, 40, (4, 2, 4), padding: [2, 2, 2, 2]),
    // Two tasks that share the outputs of an image.
    Problem(7, 7, 72, 72, (4, 4, 4)), Problem(8, 8, 128, 72, (4, 4, 2)), Problem(4, 4, 128, 128, (2, 2, 2)),
    // Too few tiles, rows or channels.
    Problem(5, 5, 8, 8, (0, 0, 0)), Problem(5, 5, 24, 40, (0, 0, 0)), Problem(12, 12, 7, 24, (0, 0, 0)),
    Problem(12, 12, 24, 7, (0, 0, 0)), Problem(3, 20, 24, 24, (0, 0, 0)),
    Problem(4, 5, 24, 40, (0, 4, 0), padding: [0, 0, 1, 1]),
    Problem(5, 4, 24, 24, (0, 4, 0), padding: [0, 0, 1, 1]),
    // Large weights, which inference reads again for every image.
    Problem(14, 14, 256, 256, (4, 4, 2)), Problem(7, 7, 512, 512, (4, 4, 0)),
  ]

  /// Those that the reference computes in a moment.
  private static let comparable = problems.indices.filter { problems[$0].multiplyAdds < 6_000_000 }

  /// Pins the rule.
  @Test(arguments: problems.indices) func theShapeChooses(_ index: Int) throws {
    let problem = Self.problems[index]
    let (subject, name) = (problem.subject, problem.subject.name)
    for batch in [1, 12] {
      let training = try Comparison().plan(subject, batch: batch, layout(subject))
      #expect(chosen("conv", by: training) == problem.sides.forward, "\(name)")
      #expect(chosen("conv-dx", by: training) == problem.sides.gradient, "\(name)")
      #expect(chosen("conv-dw", by: training) == problem.sides.forward, "\(name)")
      let inference = try Prediction(subject, batch: batch).plan
      #expect(chosen("conv", by: inference) == problem.sides.inference, "\(name)")
      for kind in ["conv", "conv-dx", "conv-dw"] {
        let direct = try Comparison(winograd: false).plan(subject, batch: batch, layout(subject))
        #expect(chosen(kind, by: direct) == 0, "\(name)")
      }
    }
  }

  @Test(arguments: comparable) func equalsReference(_ index: Int) throws {
    let problem = Self.problems[index]
    let roundings = Comparison.roundings(max(problem.sides.forward, problem.sides.gradient, problem.sides.inference))
    for kernels in KernelTable.available {
      try Comparison(kernels: kernels, roundings: roundings).check(problem.subject, batch: 3, rows: 2)
    }
    try Comparison(roundings: roundings).check(problem.subject, batch: 1, rows: 1)
    try Comparison(checked: false, threads: 3, roundings: roundings).check(problem.subject, batch: 6, rows: 5)
    for batch in [1, 4] {
      let prediction = try Prediction(problem.subject, batch: batch, options: PlanOptions(checked: true))
      expectNear(prediction.run(), prediction.reference(), "\(problem.subject.name) inference", roundings: roundings)
    }
  }

  /// Small images, several of which are one task's, with tasks that have fewer or none.
  @Test(arguments: [(40, 40), (40, 37), (40, 13), (40, 1), (300, 239)])
  func manySmallImages(_ batch: Int, _ rows: Int) throws {
    let shapes: [Problem] = [
      Problem(4, 4, 8, 8, (4, 4, 4)), Problem(4, 4, 24, 40, (4, 4, 4)), Problem(5, 5, 40, 40, (2, 2, 2)),
    ]
    for problem in shapes where batch * problem.multiplyAdds < 30_000_000 {
      let roundings = Comparison.roundings(max(problem.sides.forward, problem.sides.gradient))
      try Comparison(threads: 3, roundings: roundings).check(problem.subject, batch: batch, rows: rows)
    }
  }

  /// Shapes that nobody chose.
  private static func random(_ seed: Int) -> Problem {
    var random = RandomStream(seed: UInt64(seed), name: "winograd")
    func pick(_ range: ClosedRange<Int>) -> Int { range.lowerBound + random.integer(below: range.count) }
    return Problem(
      pick(4...14), pick(4...14), pick(8...50), pick(8...50), padding: (0..<4).map { _ in pick(0...2) })
  }

  @Test(arguments: 0..<40) func randomProblemsEqualReference(_ seed: Int) throws {
    let subject = Self.random(seed).subject
    let plan = try Comparison().plan(subject, batch: 3, layout(subject))
    let sides = ["conv", "conv-dx", "conv-dw"].compactMap { chosen($0, by: plan) }
    let roundings = Comparison.roundings(sides.max() ?? 0)
    for kernels in KernelTable.available {
      try Comparison(kernels: kernels, roundings: roundings).check(subject, batch: 3, rows: 2)
    }
  }

  @Test func randomProblemsMeetEveryClass() throws {
    let found = try (0..<40).flatMap { seed in
      let subject = Self.random(seed).subject
      let plan = try Comparison().plan(subject, batch: 1, layout(subject))
      return ["conv", "conv-dx"].compactMap { chosen($0, by: plan) }
    }
    for side in [0, 2, 4] { #expect(found.contains(side), "F(\(side),3)") }
  }
}

/// Which bits a result has, and how far they are from the exact ones.
@Suite(.serialized) struct WinogradClassTests {
  private static let problems = [
    Problem(13, 11, 24, 40, (4, 4, 4)), Problem(5, 5, 40, 40, (2, 2, 2)), Problem(7, 7, 72, 72, (4, 4, 4)),
    Problem(4, 4, 24, 40, (4, 4, 4)),
  ]

  @Test(arguments: problems.indices) func sameBitsOnAnyNumberOfThreads(_ index: Int) throws {
    let subject = Self.problems[index].subject
    let tensors = Comparison.inputs(subject, rows: 12, seed: 1)
    for batch in [1, 12] {
      let plan = try Comparison(checked: false).plan(subject, batch: batch, layout(subject))
      var seen: [UInt32]?
      for threads in [1, 2, 3, 8] {
        var weights = Weights(layout(subject), seed: 1)
        let workspace = Workspace(plan, pool: WorkerPool(threads: threads))
        tensors["x"]!.withUnsafeBytes { bytes in
          workspace.bind("x", bytes.baseAddress!)
          workspace.run(&weights, rows: max(1, batch - 1))
        }
        let numbers = layout(subject).trained.flatMap(workspace.gradient) + workspace.output("y").floats
        let found = numbers.map(\.bitPattern)
        #expect(seen == nil || found == seen, "\(subject.name): \(threads) threads give other bits")
        seen = found
      }
    }
  }

  /// Every instruction set with fused multiply-add.
  @Test(arguments: problems.indices) func sameBitsOnFusedInstructionSets(_ index: Int) throws {
    let subject = Self.problems[index].subject
    let sets = KernelTable.available.filter { $0.description != "portable" }
    let found = try sets.map {
      try Prediction(subject, batch: 3, options: PlanOptions(kernels: $0)).run().map(\.bitPattern)
    }
    for (set, bits) in zip(sets, found) { #expect(bits == found[0], "\(subject.name) on \(set)") }
  }

  /// An image's answer does not depend on the images beside it.
  @Test(arguments: problems.indices) func sameBitsInAnyBatch(_ index: Int) throws {
    let subject = Self.problems[index].subject
    let (alone, together) = (try Prediction(subject, batch: 1), try Prediction(subject, batch: 5).run())
    let count = together.count / 5
    for row in 0..<5 {
      let expected = together[row * count..<(row + 1) * count].map(\.bitPattern)
      #expect(alone.run(from: row).map(\.bitPattern) == expected, "\(subject.name), image \(row)")
    }
  }

  /// Results lie within the bound that `WinogradRule` states for their class, and the roundings of random problems add up
  /// to less than its factor for independent ones. Those of F(4,3) are more than those of the direct sum, which a plan
  /// without Winograd computes.
  @Test(arguments: [2, 4], 0..<8) func errorsStayInTheirClass(_ side: Int, _ seed: Int) throws {
    var random = RandomStream(seed: UInt64(seed), name: "class")
    let edge = side == 2 ? 6 : 8 + random.integer(below: 5)
    let (inputs, outputs) = (40 + random.integer(below: 60), 40 + random.integer(below: 30))
    let kernel = weight(3, 3, inputs, outputs)
    let subject = Subject("\(side)", inputs: [("x", [edge, edge, inputs], .normal)], parameters: [kernel]) {
      tracer, values in convolve(values[0], tracer.parameter(kernel), padding: .symmetric(1))
    }
    let tiled = try Prediction(subject, batch: 1)
    let direct = try Prediction(subject, batch: 1, options: PlanOptions(winograd: false))
    #expect(chosen("conv", by: tiled.plan) == side && chosen("conv", by: direct.plan) == 0)
    let exact = tiled.reference().values
    let errors = zip(tiled.run(), exact).map { Double($0) - $1 }
    let largest = tiled.largest("x") * tiled.weights[kernel].reduce(0) { max($0, Double(abs($1))) }
    let bound =
      ErrorFactors(side).worst * Double(2 * inputs + 24) * 0x1p-24 * Double(9 * inputs) * largest
    #expect(errors.allSatisfy { abs($0) <= bound })
    func size(_ errors: [Double]) -> Double { errors.reduce(0) { $0 + $1 * $1 }.squareRoot() }
    let factor = size(errors) / size(zip(direct.run(), exact).map { Double($0) - $1 })
    #expect(factor <= ErrorFactors(side).independent)
    if side == 4 { #expect(factor > 1) }
  }
}

/// How much larger the roundings of a class may be than those of the direct sum; see `WinogradRule`.
private struct ErrorFactors {
  /// Where all add up.
  let worst: Double
  /// Where they are independent of each other.
  let independent: Double

  init(_ side: Int) {
    switch side {
    case 2: (worst, independent) = (9, 2)
    case 4: (worst, independent) = (256, 32)
    default: (worst, independent) = (1, 1)
    }
  }
}

extension Comparison {
  /// 64 for direct sums; so many times more for a class whose roundings are larger.
  fileprivate static func roundings(_ side: Int) -> Double { 64 * ErrorFactors(side).independent }
}
