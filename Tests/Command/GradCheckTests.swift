import NunchiDocuments
import Testing

@Suite(isBuilt) struct GradCheckTests {
  @Test func oneModel() throws {
    let answer = try Program.run("gradcheck mlp --json")
    #expect(answer.status == 0)
    try expectValid(try answer.document(), "gradcheck")
    let rows = try #require(answer.result()["rows"]?.arrayValue)
    #expect(rows.count == 1 && rows[0]["name"] == "mlp" && rows[0]["kind"] == "model")
    #expect(try #require(rows[0]["worst_relative_error"]?.doubleValue) < 1e-5)
  }

  @Test func needsAModelOrAll() throws {
    #expect(try Program.run("gradcheck").status == 2)
    #expect(try Program.run("gradcheck mlp --all").status == 2)
  }
}
