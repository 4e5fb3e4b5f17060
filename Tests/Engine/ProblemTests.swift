import NunchiEngine
import NunchiGraph
import NunchiTensors
import Testing

/// Problems as text: what plans print is what can be read, and a problem's graph is that work.
@Suite struct ProblemTests {
  static let texts = [
    "conv mb37 ic24 oc40 ih160 kh3 s1 p1 f32", "conv mb2 ic6 oc9 ih12 iw7 kh3 kw5 s2 p2 d2 g3 f32",
    "conv mb1 ic16 oc16 ih12 kh3 s1 p1 f32", "conv mb1 ic1 oc1 ih1 kh1 s1 p0 f32", "gemm m3 n5 k7 f32",
    "conv-dx mb1 ic3 oc4 ih6 kh3 s2 p1 f32", "conv-dw mb1 ic3 oc4 ih6 kh3 s2 p1 f32", "gemm m7 n5 k3 ta f32",
  ]

  @Test(arguments: texts)
  func roundTrip(text: String) throws {
    let problem = try LayerProblem(parsing: text)
    #expect(problem.description == text)
    #expect(try LayerProblem(parsing: text.replacing(" f32", with: "")) == problem)
    #expect(problem.directions.count == (text.hasPrefix("conv ") || text.hasSuffix(" k7 f32") ? 3 : 1))
  }

  /// The plan of each direction names the problem, and counts its multiply-adds.
  @Test(arguments: texts)
  func plansPrintIt(text: String) throws {
    let problem = try LayerProblem(parsing: text)
    for direction in problem.directions {
      let graph = try ProblemGraph(problem, direction)
      let costs = Plan(graph.graph, layout: graph.layout).costs.filter { graph.isOwn($0) && $0.multiplyAdds > 0 }
      #expect(costs.reduce(0) { $0 + $1.multiplyAdds } == problem.multiplyAdds)
      for cost in costs {
        let printed = try LayerProblem(parsing: cost.problem)
        switch (problem.layer, printed.layer) {
        case (.convolution(let one), .convolution(let other)):
          #expect(one == other && printed.directions.contains(direction), "\(cost.problem)")
        case (.product(let rows, let inputs, let outputs), _):
          // A gradient's product is named by its own extents.
          let names: [LayerProblem.Direction: String] = [
            .forward: "gemm m\(rows) n\(outputs) k\(inputs) f32",
            .inputGradient: "gemm m\(rows) n\(inputs) k\(outputs) f32",
            .weightGradient: "gemm m\(inputs) n\(outputs) k\(rows) ta f32",
          ]
          #expect(cost.problem == names[direction])
        default: Issue.record("\(text) became \(cost.problem)")
        }
      }
    }
  }

  @Test func anyOrder() throws {
    let usual = try LayerProblem(parsing: "conv mb2 ic3 oc4 ih5 kh3 s1 p1 f32")
    #expect(try LayerProblem(parsing: "conv p1 kh3  ih5 oc4 ic3 mb2 iw5 kw3 d1 g1") == usual)
    // As a step that runs by tiles is printed.
    #expect(try LayerProblem(parsing: "conv mb2 ic3 oc4 ih5 kh3 s1 p1 f32 F(4,3)") == usual)
  }

  /// Fewer and smaller images, nothing else; what is small enough stays.
  @Test func reduced() throws {
    let problem = try LayerProblem(parsing: "conv mb37 ic24 oc40 ih160 iw150 kh3 s1 p1 f32")
    let small = problem.reduced(to: 2_000_000)
    #expect(small.count > 1 && small.allSatisfy { $0.multiplyAdds <= 2_000_000 })
    #expect(small[0].description.hasPrefix("conv mb2 ic24 oc40 ih") && small[0].description.hasSuffix(" kh3 s1 p1 f32"))
    #expect(small[0].multiplyAdds > 1_000_000)
    #expect(small[0].reduced(to: 2_000_000) == [small[0]])
    #expect(try LayerProblem(parsing: "gemm m100 n512 k6272").reduced(to: 1)[0].description == "gemm m1 n512 k6272 f32")
  }

  @Test(arguments: [
    ("", "conv, conv-dx, conv-dw or gemm first", "nothing"), ("convolution mb1", "first", "\"convolution\""),
    ("conv", "mb, the images", "none"), ("conv mb1 ic1 oc1 ih1", "kh, the kernel's height", "none"),
    ("conv mb1 ic1 oc1 ih4 kh3 bf16", "fields mb, ic", "\"bf16\""), ("gemm m1 n2 k3 mb4", "fields m, n, k", "\"mb4\""),
    ("gemm m1 n2 kx", "fields m, n, k", "\"kx\""), ("conv mb1 ic1 oc1 ih4 kh3 s1.5", "fields", "\"s1.5\""),
    ("conv mb1 ic1 oc1 ih4 kh3 ta", "fields", "\"ta\""), ("gemm m1 m2 n3 k4", "m once", "\"m2\" again"),
    ("conv mb0 ic1 oc1 ih4 kh3", "mb, the images of a batch, of at least 1", "0"),
    ("conv mb1 ic1 oc1 ih4 kh3 p-1", "p, the padding, of at least 0", "-1"),
    ("gemm m1 n2 k1000001", "numbers up to 1000000", "\"k1000001\""),
    ("gemm m1 n2 k99999999999999999999", "fields", "\"k99999999999999999999\""),
    ("conv mb1 ic6 oc9 ih4 kh3 g2", "multiples of g", "ic6 oc9 g2"),
    ("conv mb1 ic1 oc1 ih4 kh3 d2", "a window inside the padded image", "3x3 d2 on 4x4 p0"),
    ("conv mb1000000 ic1000000 oc1 ih1000000 kh1", "arrays of at most 536870912 numbers", "\(Int.max)"),
  ])
  func refuses(text: String, expected: String, found: String) throws {
    let error = #expect(throws: ProblemError.self) { try LayerProblem(parsing: text) }
    let given = try #require(error)
    #expect(given.text == text && given.expected.contains(expected), "\(given)")
    #expect(given.found == found, "\(given)")
  }
}
