import NunchiDatasets
import Testing

/// Against columns that shift, headers that are taken for rows, and texts that become numbers.
@Suite struct TableTests {
  private func open(_ text: String, target: String? = nil) throws -> Table {
    let folder = try TemporaryFolder()
    try folder.write(Array(text.utf8), "t.csv")
    return try Table.open(path: folder.path + "/t.csv", target: target)
  }

  private func found(_ text: String, target: String? = nil) -> String? {
    do {
      _ = try open(text, target: target)
      return nil
    } catch {
      return (error as? DatasetError).map { "expected \($0.expected), found \($0.found)" }
    }
  }

  @Test func classesAndCopies() throws {
    let table = try open("a,b,kind\n1,2.5,x\n-3e2,4,w\n1,2.5,x\n")
    #expect(table.columns == ["a", "b"] && table.target == "kind" && table.rows == 3)
    #expect(table.values == [1, 2.5, -300, 4, 1, 2.5])
    #expect(table.targets == .classes(names: ["w", "x"], labels: [1, 0, 1]))
    #expect(table.warnings == ["line 4 repeats line 2"])
  }

  @Test func targetsByNameAndNumber() throws {
    let text = "x;y;z\n1;2;3\n4;5;6\n"
    #expect(try open(text).targets == .numbers([3, 6]))
    #expect(try open(text, target: "x").values == [2, 3, 5, 6])
    #expect(try open(text, target: "2").targets == .numbers([2, 5]))
    #expect(found(text, target: "w") == "expected the column 'w', found 'x', 'y', 'z' in line 1")
  }

  @Test func withoutHeader() throws {
    let table = try open("1,2,red\n3,4,blue\n")
    #expect(table.columns == ["1", "2"] && table.rows == 2)
    #expect(table.targets == .classes(names: ["blue", "red"], labels: [1, 0]))
  }

  @Test func wrongTablesSayWhere() throws {
    #expect(found("a,b\n1,2\nx,3\n") == "expected a number in the column 'a', found 'x' in line 3")
    #expect(found("a,b\n1,2\n,3\n") == "expected a number in the column 'a', found '' in line 3")
    #expect(found("a,b\n1,2\n1\n") == "expected 2 fields as in the first row, found 1 in line 3")
    #expect(found("") == "expected a table of two columns or more, found none")
    #expect(found("a,b\n") == "expected rows below the header, found none")
  }
}
