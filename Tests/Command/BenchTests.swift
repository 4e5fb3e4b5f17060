import NunchiDocuments
import Testing

@Suite(.serialized, isBuilt) struct BenchTests {
  @Test(arguments: ["train", "infer"])
  func measures(mode: String) throws {
    let answer = try Program.run(
      "bench \(mode) --model mlp --batch 16 --precision float32 --threads 1 --steps 20 --json")
    #expect(answer.status == 0, "\(answer.error)")
    try expectValid(try answer.document(), "bench")
    let result = try answer.result()
    #expect(result["model"] == "mlp" && result["batch"] == 16 && result["threads"] == 1 && result["steps"] == 20)
    let seconds = try #require(result["seconds_per_step"]?.doubleValue)
    let rate = try #require(result["images_per_second"]?.doubleValue)
    #expect(abs(rate * seconds - 16) < 1e-6)
    if mode == "train" {
      // The same images again and again: the loss falls.
      #expect(try #require(result["loss_after"]?.doubleValue) < #require(result["loss_before"]?.doubleValue))
    } else {
      #expect(result["loss_before"] == nil)
    }
  }

  /// The miniature is too small for Winograd's algorithm: the network itself is compared with and without.
  @Test(arguments: ["train", "infer"])
  func comparesWithAndWithoutWinograd(mode: String) throws {
    let line = "bench \(mode) --model vgg6 --batch 1 --steps 1 --json"
    let (tiled, direct) = (try Program.run(line), try Program.run(line + " --no-winograd"))
    for (answer, winograd) in [(tiled, true), (direct, false)] {
      #expect(answer.status == 0, "\(answer.error)")
      try expectValid(try answer.document(), "bench")
      let result = try answer.result()
      #expect(result["winograd"] == .bool(winograd))
      let what = try #require(result["checked"]?["what"]?.stringValue)
      #expect(what.hasSuffix("; of the network on 2 images with and without Winograd") == winograd)
      #expect(((result["checked"]?["winograd_relative_error"]?.doubleValue ?? 0) > 0) == winograd)
    }
  }

  /// The instruction set is the one asked for, and gives an answer that passes the check against the reference.
  @Test func instructionSets() throws {
    let sets = try Program.run("doctor --json").result()["instruction_sets"]?["available"]?.arrayValue ?? []
    #expect(!sets.isEmpty)
    for set in sets.compactMap(\.stringValue) {
      let result = try Program.run("bench infer --model mlp --batch 2 --steps 2 --isa \(set) --json").result()
      #expect(result["isa"]?.stringValue == set)
    }
  }

  /// Every step has a time, and the shares of those that run every time make a whole. In training the weights change
  /// and are prepared again; the update is a part of the step.
  @Test(arguments: ["train", "infer"])
  func explains(mode: String) throws {
    let answer = try Program.run("bench \(mode) --model mlp --batch 16 --threads 2 --steps 5 --explain --json")
    #expect(answer.status == 0, "\(answer.error)")
    try expectValid(try answer.document(), "bench-explain")
    let result = try answer.result()
    #expect(result["rounds"] == 5)
    let steps = try #require(result["steps"]?.arrayValue)
    let parts = Set(steps.compactMap { $0["part"]?.stringValue })
    #expect(parts == (mode == "train" ? ["preparation", "main", "update"] : ["preparation", "main"]))
    #expect(steps.allSatisfy { ($0["seconds"]?.doubleValue ?? 0) > 0 && ($0["bytes"]?.intValue ?? 0) > 0 })
    let recurring = steps.filter { $0["share"]?.isNull == false }
    #expect(recurring.count == (mode == "train" ? steps : steps.filter { $0["part"] != "preparation" }).count)
    let sum = recurring.reduce(0) { $0 + $1["seconds"]!.doubleValue! }
    #expect(abs(sum - (result["seconds_of_steps"]?.doubleValue ?? 0)) < 1e-9)
    #expect(abs(recurring.reduce(0) { $0 + $1["share"]!.doubleValue! } - 1) < 1e-9)
    let products = steps.filter { $0["problem"]?.stringValue?.hasPrefix("gemm") == true }
    #expect(!products.isEmpty && products.allSatisfy { $0["gflops"]!.doubleValue! > 0 })
  }

  @Test func explainsInATable() throws {
    let answer = try Program.run("bench infer --model mlp --batch 2 --steps 2 --explain")
    #expect(answer.status == 0, "\(answer.error)")
    let lines = answer.output.split(separator: "\n")
    #expect(lines.contains { $0.contains("GFLOP/s") && $0.hasSuffix("problem") })
    #expect(lines.contains { $0.contains("once") && $0.contains("prepare pack") })
    #expect(lines.contains { $0.contains("matrix-product+bias+relu  gemm m2 ") })
    #expect(lines.contains { $0.hasSuffix("sum") })
    #expect(lines.last?.hasPrefix("the whole in one run: ") == true)
  }

  /// Every direction has times, its steps' and its own; what it computes is what the numbers are counted from.
  @Test func problems() throws {
    let texts = [
      "conv mb3 ic8 oc12 ih9 iw11 kh3 kw1 s2 p1 f32", "gemm m6 n10 k20 f32", "conv-dw mb2 ic16 oc16 ih16 kh3 p1",
    ]
    let answer = try Program.start(["bench", "problem", "--threads", "2", "--steps", "3", "--json"] + texts).wait(30)
    #expect(answer.status == 0, "\(answer.error)")
    try expectValid(try answer.document(), "bench-problem")
    let problems = try #require(try answer.result()["problems"]?.arrayValue)
    #expect(
      problems.map { $0["problem"]?.stringValue } == texts.prefix(2) + ["conv-dw mb2 ic16 oc16 ih16 kh3 s1 p1 f32"])
    #expect(problems.map { $0["multiply_adds"]?.intValue } == [3 * 5 * 7 * 12 * 3 * 8, 1200, 2 * 256 * 16 * 144])
    let all = ["forward", "input_gradient", "weight_gradient"]
    for (problem, expected) in zip(problems, [all, all, ["weight_gradient"]]) {
      let directions = try #require(problem["directions"]?.arrayValue)
      #expect(directions.compactMap { $0["direction"]?.stringValue } == expected)
      for direction in directions {
        let steps = try #require(direction["steps"]?.arrayValue)
        let sum = steps.reduce(0) { $0 + ($1["seconds_best"]?.doubleValue ?? .nan) }
        // The best time of each step is at most what it took in the best round.
        let best = try #require(direction["seconds_best"]?.doubleValue)
        #expect(sum > 0 && sum <= best * (1 + 1e-9) && direction["rounds"] == 3)
        #expect(!steps.contains { $0["name"] == "gradient" })
      }
    }
  }

  @Test func problemsInATable() throws {
    let text = "conv mb37 ic8 oc8 ih40 kh3 s1 p1 f32"
    let answer = try Program.start(["bench", "problem", text, "--steps", "2"]).wait(30)
    #expect(answer.status == 0, "\(answer.error)")
    let lines = answer.output.split(separator: "\n")
    #expect(lines.contains { $0 == text } && lines.contains { $0.contains("GFLOP/s") && $0.contains("% of limit") })
    for direction in [" forward ", " input gradient ", " weight gradient "] {
      #expect(lines.filter { $0.contains(direction) }.count == 1)
    }
    // Too much for the reference: fewer images, and it says so.
    #expect(lines.last?.hasPrefix("checked: conv mb2 ") == true)
  }

  /// Every picture is counted, and what is kept is where it was asked for.
  @Test(arguments: [("none", false), ("light", false), ("light", true)])
  func data(augment: String, cached: Bool) throws {
    let folder = TemporaryFolder()
    let made = try Program.run("data generate faces --out \(folder.path)/faces --count 12 --size 64")
    #expect(made.status == 0, "\(made.error)")
    let line = "bench data \(folder.path)/faces --size 20 --augment \(augment) --threads 2 --passes 3 --json"
    let answer = try Program.run(line + (cached ? " --cached" : ""))
    #expect(answer.status == 0, "\(answer.error)")
    try expectValid(try answer.document(), "bench-data")
    let result = try answer.result()
    let images = try #require(result["images"]?.intValue)
    #expect(images > 0 && result["passes"] == 3 && result["size"] == 20 && result["threads"] == 2)
    #expect(result["augment"]?.stringValue == augment && result["cache"]?.stringValue == (cached ? "memory" : "none"))
    let scales = ["1", "2", "4", "8"].compactMap { result["decode_scale"]?[$0]?.intValue }
    #expect(scales.count == 4 && scales.reduce(0, +) == images)
    for stage in ["read", "decode", "resize"] {
      #expect(try #require(result["milliseconds"]?[stage]?.doubleValue) > 0, "\(stage)")
    }
    #expect(try Program.run("bench data \(folder.path)/nothing --json").status == 3)
  }

  @Test func noProblem() throws {
    let answer = try Program.start(["bench", "problem", "conv mb1 ic3 oc8 ih9 kh11", "--json"]).wait(30)
    #expect(answer.status == 2)
    #expect(
      answer.error == """
        nunchi bench problem: "conv mb1 ic3 oc8 ih9 kh11" expects a window inside the padded image, found 11x11 d1 on 9x9 p0

        """)
    try expectValid(try answer.document(), "error")
  }

  @Test func models() throws {
    let list = try Program.run("model list --json")
    try expectValid(try list.document(), "model-list")
    for model in try list.result()["models"]?.arrayValue ?? [] {
      let summary = try Program.run("model summary \(model["name"]?.stringValue ?? "") --json")
      try expectValid(try summary.document(), "model-summary")
      #expect(try summary.result()["parameters"] == model["parameters"])
    }
  }

  @Test func doctor() throws {
    let answer = try Program.run("doctor --json")
    try expectValid(try answer.document(), "doctor")
    #expect(try Program.run("doctor").output.contains("threads"))
  }
}
