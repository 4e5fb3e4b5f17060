import NunchiDocuments
import NunchiTensors
import Testing

@Suite struct JSONParsing {
  @Test func readsEveryKindAndKeepsTheOrder() throws {
    let text = #" {"b":[1,-2,3.5,1e2,-0,true,false,null],"a":{"z":"x","y":""},"c":[]} "#
    let json = try JSON(parsing: text)
    let expected: JSON = [
      "b": [1, -2, 3.5, 100.0, -0.0, true, false, nil], "a": ["z": "x", "y": ""], "c": [],
    ]
    #expect(json == expected)
    #expect(json.objectValue?.keys == ["b", "a", "c"])
    #expect(json["b"]?[0]?.intValue == 1)
    #expect(json["b"]?[3]?.intValue == nil)
    #expect(json["b"]?[3]?.doubleValue == 100)
    #expect(json["b"]?[99] == nil && json["q"] == nil && json[0] == nil)
  }

  @Test(arguments: [
    ("", "expected a value, found the end of the text at line 1, column 1 (byte 0)"),
    ("[1,]", "expected a value, found ']' at line 1, column 4 (byte 3)"),
    ("{\"a\":1,}", "expected a key in quotes, found '}' at line 1, column 8 (byte 7)"),
    ("{\n  \"a\" 1}", "expected ':', found '1' at line 2, column 7 (byte 8)"),
    ("{a:1}", "expected a key in quotes, found 'a' at line 1, column 2 (byte 1)"),
    ("[1 2]", "expected ',' or ']', found '2' at line 1, column 4 (byte 3)"),
    ("{} x", "expected the end of the text, found more after the document at line 1, column 4 (byte 3)"),
    ("01", "expected a number such as 1, -0.5 or 1e9, found another form at line 1, column 2 (byte 1)"),
    ("[-]", "expected a number such as 1, -0.5 or 1e9, found another form at line 1, column 3 (byte 2)"),
    ("1.", "expected a number such as 1, -0.5 or 1e9, found another form at line 1, column 3 (byte 2)"),
    ("1e999", "expected a number a Double can hold, found a larger one at line 1, column 1 (byte 0)"),
    ("nul", "expected null, found the end of the text at line 1, column 4 (byte 3)"),
    ("\"a", "expected the closing quote of a text, found the end of the text at line 1, column 3 (byte 2)"),
    ("\"a\nb\"", "expected a text without control characters, found byte 0x0a in it at line 1, column 3 (byte 2)"),
    (#""\x""#, #"expected an escape such as \n or \u00e9, found another at line 1, column 2 (byte 1)"#),
    (#""\u12g4""#, #"expected an escape such as \n or \u00e9, found another at line 1, column 2 (byte 1)"#),
    (#""\ud800x""#, #"expected a pair of \u escapes for one character, found half of it at line 1, column 2 (byte 1)"#),
    (#""\udc00""#, #"expected a pair of \u escapes for one character, found half of it at line 1, column 2 (byte 1)"#),
    (#"{"a":1,"a":2}"#, "expected each key once, found \"a\" again at line 1, column 8 (byte 7)"),
    ("\u{FEFF}{}", "expected a value, found byte 0xef at line 1, column 1 (byte 0)"),
  ])
  func refuses(_ text: String, _ message: String) {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: text) }
    #expect(error?.description == message)
  }

  @Test func refusesOtherBytesThanUTF8() {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xFF, 0x22] as [UInt8]) }
    #expect(error?.reason == .invalidUTF8)
    let overlong = #expect(throws: JSONError.self) { try JSON(parsing: [0x22, 0xC0, 0x80, 0x22] as [UInt8]) }
    #expect(overlong?.reason == .invalidUTF8)
  }

  @Test func depthAndSizeAreLimited() throws {
    let nested = { String(repeating: "[", count: $0) + String(repeating: "]", count: $0) }
    #expect(throws: Never.self) { try JSON(parsing: nested(128)) }
    let deep = #expect(throws: JSONError.self) { try JSON(parsing: nested(129)) }
    #expect(deep?.reason == .tooDeep(limit: 128))
    let hostile = #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "{\"a\":", count: 1_000_000)) }
    #expect(hostile?.reason == .tooDeep(limit: 128))
    let large = #expect(throws: JSONError.self) { try JSON(parsing: "[1, 2]", limits: .init(bytes: 5)) }
    #expect(large?.reason == .tooLarge(bytes: 6, limit: 5))
  }

  @Test func charactersAndEscapes() throws {
    let json = try JSON(parsing: #""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00 눈치""#)
    #expect(json == .string("\"\\/\u{8}\u{C}\n\r\té😀 눈치"))
    #expect(try JSON(parsing: json.compact()) == json)
    #expect(JSON("a\u{1}\u{2028}/").compact() == #""a\u0001\u2028/""#)
  }

  /// Two spellings of one Korean word are different keys; Swift's == would call them the same.
  @Test func keysAreComparedByTheirBytes() throws {
    let json = try JSON(parsing: "{\"\u{AC00}\":1,\"\u{1100}\u{1161}\":2}")
    #expect(json["\u{AC00}"] == 1)
    #expect(json["\u{1100}\u{1161}"] == 2)
  }

  /// Every prefix and thousands of mutations of a document: an error or a document that reads back, never a crash.
  @Test func survivesDamage() throws {
    let text = #"{"a":[1,2.5e-3,"x\u00e9\ud83d\ude00",{"b":null,"c":[true,false,[]]}],"눈치":-17,"d":{}}"#
    let bytes = Array(text.utf8)
    for count in 0..<bytes.count {
      #expect(throws: JSONError.self) { try JSON(parsing: Array(bytes.prefix(count))) }
    }
    var stream = RandomStream(seed: 7, name: "json damage")
    for _ in 0..<20_000 {
      var damaged = bytes
      for _ in 0...stream.integer(below: 3) {
        let place = stream.integer(below: damaged.count)
        switch stream.integer(below: 3) {
        case 0: damaged[place] = UInt8(truncatingIfNeeded: stream.next32())
        case 1: damaged.remove(at: place)
        default: damaged.insert(bytes[stream.integer(below: bytes.count)], at: place)
        }
      }
      guard let json = try? JSON(parsing: damaged) else { continue }
      #expect(try JSON(parsing: json.compact()) == json)
    }
  }
}

@Suite struct JSONWriting {
  let json: JSON = ["b": 1, "a": [1, 2.0], "c": [["x": nil], []], "d": [:]]

  @Test func compactAndPretty() {
    #expect(json.compact() == #"{"b":1,"a":[1,2.0],"c":[{"x":null},[]],"d":{}}"#)
    #expect(json.compact(keys: .sorted) == #"{"a":[1,2.0],"b":1,"c":[{"x":null},[]],"d":{}}"#)
    #expect(
      json.pretty() == """
        {
          "b": 1,
          "a": [1, 2.0],
          "c": [
            {
              "x": null
            },
            []
          ],
          "d": {}
        }
        """)
  }

  @Test func numbersReadBackAsTheSameBits() throws {
    var stream = RandomStream(seed: 1, name: "json numbers")
    let edges = [
      0, -0.0, .leastNonzeroMagnitude, .greatestFiniteMagnitude, 1e16, 1e-5, 0.1, 1.0 / 3, 9_007_199_254_740_992,
    ]
    for value in edges + (0..<20_000).map({ _ in Double(bitPattern: stream.next()) }) where value.isFinite {
      let back = try JSON(parsing: JSON(value).compact())
      #expect(back.doubleValue?.bitPattern == value.bitPattern)
    }
    for value in (0..<20_000).map({ _ in Float(bitPattern: stream.next32()) }) where value.isFinite {
      let back = try #require(try JSON(parsing: JSON(value).compact()).doubleValue)
      #expect(Float(back).bitPattern == value.bitPattern)
    }
    #expect(JSON(Float(0.1)).compact() == "0.1")
    #expect(JSON([Double.nan, .infinity, -.infinity]).compact() == "[null,null,null]")
    for value in [Int.min, Int.max, 0] { #expect(try JSON(parsing: JSON(value).compact()) == .integer(value)) }
    #expect(try JSON(parsing: "9223372036854775808") == .number(9.223372036854775808e18))
  }

  @Test func membersAreReplacedInTheirPlace() {
    var object = JSON.Object([.init("a", 1), .init("b", 2)])
    object["a"] = 3
    object["c"] = 4
    object["b"] = nil
    object["q"] = nil
    #expect(object.members == [.init("a", 3), .init("c", 4)])
  }
}
