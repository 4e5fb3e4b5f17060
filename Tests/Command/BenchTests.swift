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
