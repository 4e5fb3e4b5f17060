import Foundation
import Testing

/// The judges of the goldens can fail.
@Suite struct GoldenTests {
  @Test func differencesAreNamed() throws {
    let recorded = "a\nbest 0.weight [2x3] 0123\nc\n"
    #expect(Golden.difference(recorded, recorded) == nil)
    let changed = try #require(Golden.difference(recorded, recorded.replacingOccurrences(of: "0123", with: "0124")))
    #expect(
      changed == """
        1 recorded lines are missing, 1 lines are new
          recorded, line 2: |best 0.weight [2x3] 0123|
          found, line 2:    |best 0.weight [2x3] 0124|
        """)
    // What moved is not called different.
    #expect(
      Golden.difference(recorded, "new\n" + recorded)?.contains("0 recorded lines are missing, 1 lines are new") == true
    )
    #expect(Golden.difference(recorded, recorded + "d\n") != nil && Golden.difference(recorded, "a\n") != nil)
    #expect(Golden.difference("a", "a\n") != nil && Golden.difference("a ", "a") != nil)
    // Two spellings of one letter are two texts.
    #expect(Golden.difference("\u{E9}", "e\u{301}") != nil)
    let many = try #require(Golden.difference("1\n2\n3", "4\n5\n6", most: 2))
    #expect(many.hasPrefix("3 recorded lines are missing, 3 lines are new") && !many.contains("line 3"))
  }

  @Test(.disabled(if: Golden.isRecording)) func whatIsNotRecordedFails() throws {
    withKnownIssue { try Golden.expect("", "never/recorded") }
  }

  /// What a machine measures becomes a placeholder; what was learned or said stays.
  @Test(arguments: [
    (#"{"seconds":0.25,"loss":0.25}"#, #"{"seconds":<number>,"loss":0.25}"#),
    (#"{"milliseconds":1.5e-05,"milli":2}"#, #"{"milliseconds":<number>,"milli":2}"#),
    (#""threads": {"value": 3,"#, #""threads": {"value": <number>,"#),
    (#"["--threads","3","--seed","3"]"#, #"["--threads","<number>","--seed","3"]"#),
    ("epoch 1/2  loss 0.7  6,357 images/s  0 s  best", "epoch 1/2  loss 0.7  <number> images/s  <time>  best"),
    ("0.5    12 s  left", "0.5  <time>  left"), ("5 images; 2 threads", "5 images; <number> threads"),
    ("at 2026-12-01T01:51:04Z in /tmp/x/runs", "at <moment> in <folder>/runs"),
    ("<td>threads</th><td class=\"text\">4</td>", "<td>threads</th><td class=\"text\"><machine></td>"),
    (#"{"time":null,"f1":0.5}"#, #"{"time":null,"f1":0.5}"#),
  ])
  func normalizes(text: String, expected: String) {
    #expect(Normalizer.text(text, folder: "/tmp/x") == expected)
  }

  @Test func anotherNumberStaysAnother() {
    for (one, other) in [
      (#"{"loss":0.25}"#, #"{"loss":0.26}"#), ("5 images", "6 images"), ("1.0 per cent", "1.1 per cent"),
    ] {
      #expect(Normalizer.text(one) != Normalizer.text(other))
    }
  }

  @Test func shapes() {
    let found = Normalizer.shape(#"{"a":1.5,"b":"x","c":[1,2,3],"d":["p","q"],"e":{"f":true,"g":null}}"#)
    #expect(
      found == #"{"a":<number>,"b":<text>,"c":[<number>],"d":[<text>],"e":{"f":<bool>,"g":null}}"#)
    #expect(Normalizer.shape(#"{"a":1}"#) != Normalizer.shape(#"{"a":"1"}"#))
    #expect(Normalizer.shape(#"{"a":1}"#) != Normalizer.shape(#"{"b":1}"#))
  }

  @Test func tables() {
    #expect(Normalizer.table("epoch,time,loss\n1,0.5,2\n") == "epoch,<>,loss\n1,<>,2\n")
    #expect(Normalizer.table("epoch,loss\n1,2\n") != Normalizer.table("epoch,loss\n1,3\n"))
  }

  /// Only white space is added, outside texts.
  @Test func linesKeepEveryByte() {
    let long = String(repeating: "1,", count: 80) + "2"
    let json = #"{"a":[{"b":"x, {y} \" [z"},{"c":[]}],"d":[\#(long)],"e":{"f":1,"g":2}}"#
    let lines = Normalizer.lines(json)
    #expect(lines.split(separator: "\n").count > 80)
    #expect(
      lines.replacingOccurrences(of: "\n", with: "").replacingOccurrences(of: " ", with: "")
        == json.replacingOccurrences(of: " ", with: ""))
    #expect(lines.contains(#"{"f":1,"g":2}"#) && lines.contains(#"{"b":"x, {y} \" [z"}"#))
  }

  /// The examples of FIPS 180-4.
  @Test func digests() {
    #expect(
      Digest.sha256([UInt8]("abc".utf8)) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Digest.sha256([UInt8]()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    #expect(
      Digest.sha256([UInt8]("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq".utf8))
        == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
  }

  @Test func tensorsAreReadByTheirPlaces() throws {
    func file(_ last: UInt8) -> [UInt8] {
      let header = Array(
        #"{"__metadata__":{"x":"y"},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]},"a":{"dtype":"F32","shape":[1,1],"data_offsets":[0,4]}}"#
          .utf8)
      return [UInt8(header.count), 0, 0, 0, 0, 0, 0, 0] + header + [1, 2, 3, 4, 5, 6, 7, last]
    }
    let (one, other) = (try Tensors.lines(file(8)), try Tensors.lines(file(9)))
    #expect(one.map { $0.split(separator: " ").prefix(3).joined(separator: " ") } == ["a F32 [1x1]", "b F32 [1]"])
    #expect(one[0] == other[0] && one[1] != other[1])
  }
}
