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

  /// The instruction set is the one asked for, and gives an answer that passes the check against the reference.
  @Test func instructionSets() throws {
    let sets = try Program.run("doctor --json").result()["instruction_sets"]?["available"]?.arrayValue ?? []
    #expect(!sets.isEmpty)
    for set in sets.compactMap(\.stringValue) {
      let result = try Program.run("bench infer --model mlp --batch 2 --steps 2 --isa \(set) --json").result()
      #expect(result["isa"]?.stringValue == set)
    }
  }

  @Test func explains() throws {
    let answer = try Program.run("bench infer --model mlp --batch 2 --explain")
    #expect(answer.status == 0)
    #expect(answer.output.contains("gemm"))
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
