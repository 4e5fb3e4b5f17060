import Testing

@Suite(isBuilt) struct HelpTests {
  /// Every verb has a short help with its form and an example.
  @Test(arguments: [
    "", "demo", "data", "data check", "data stats", "data split", "data preview", "data generate",
    "data generate faces", "data generate shapes", "data generate blobs", "data generate rings",
    "data generate spirals",
    "data generate xor", "data generate line", "data get", "augment", "augment list", "augment preview",
    "augment apply", "train", "evaluate", "predict", "model", "model list", "model summary", "image", "image convert",
    "image filter", "gradcheck", "bench", "bench train", "bench infer", "bench problem", "bench data", "run",
    "run list", "run show", "run compare",
    "doctor",
  ])
  func help(verb: String) throws {
    let answer = try Program.run("\(verb) --help")
    #expect(answer.status == 0)
    #expect(answer.error.isEmpty)
    #expect(answer.output.contains("Usage: nunchi\(verb.isEmpty ? "" : " " + verb)"))
    #expect(answer.output.contains("Example: nunchi "))
    #expect(answer.output.split(separator: "\n").count <= 90)
    let longest = answer.output.split(separator: "\n").map(\.count).max() ?? 0
    #expect(longest <= 130)
    #expect(try Program.run("help \(verb)").output == answer.output)
  }

  /// Word by word: what a person reads who mistypes.
  @Test(arguments: [
    ("trian", "nunchi: unknown verb \"trian\"; did you mean train?\n"),
    ("evalute", "nunchi: unknown verb \"evalute\"; did you mean evaluate?\n"),
    ("model sumary", "nunchi model: unknown verb \"sumary\"; did you mean summary?\n"),
    ("bench train --modle mlp", "nunchi bench train: unknown option --modle; did you mean --model?\n"),
    (
      "model summary resnet200",
      "nunchi model summary: no model is called \"resnet200\"; did you mean resnet20, resnet18?\n"
    ),
    (
      "bench train --precision bfloat16",
      "nunchi bench train: --precision expects float32, the only one there is, found \"bfloat16\"\n"
    ),
    (
      "bench problem gemm",
      """
      nunchi bench problem: "gemm" expects m, the rows, found none; put each problem in quotes, for example "conv mb100 \
      ic32 oc64 ih112 kh3 s1 p1 f32" or "gemm m100 n512 k6272 f32"

      """
    ),
    ("bench train --batch many", "nunchi bench train: --batch expects a whole number, found \"many\"\n"),
  ])
  func mistakes(line: String, expected: String) throws {
    let answer = try Program.run(line)
    #expect(answer.status == 2)
    #expect(answer.output.isEmpty)
    #expect(answer.error == expected)
  }
}
