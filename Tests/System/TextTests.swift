import NunchiSystem
import Testing

@Suite struct EditDistanceTests {
  @Test func countsWhatTurnsOneNameIntoTheOther() {
    for (one, other, distance) in [
      ("", "", 0), ("", "abc", 3), ("epochs", "epochs", 0), ("epohcs", "epochs", 1), ("epocs", "epochs", 1),
      ("seed", "speed", 1), ("kitten", "sitting", 3), ("ca", "abc", 3), ("눈치", "눈", 1),
    ] {
      #expect(editDistance(one, other) == distance && editDistance(other, one) == distance, "\(one) \(other)")
    }
  }
}

@Suite struct QuotingTests {
  @Test func onlyWhereTheShellWouldReadMore() {
    for word in ["photos", "/a/b-c_d.e,f+g=h", "사진", "A9"] { #expect(quoted(word) == word) }
    for (word, typed) in [
      ("", "''"), ("my photos", "'my photos'"), ("it's", "'it'\\''s'"), ("$HOME", "'$HOME'"), ("a\nb", "'a\nb'"),
      ("~/a", "'~/a'"), ("a*", "'a*'"), ("'", "''\\'''"), ("a:b", "'a:b'"), ("a@b", "'a@b'"),
    ] {
      #expect(quoted(word) == typed, "\(word)")
    }
  }
}

@Suite struct NumberTextTests {
  @Test func decimals() {
    for (value, decimals, text) in [
      (0.0456, 2, "0.05"), (-1.5, 1, "-1.5"), (-0.001, 2, "0.00"), (2.5, 0, "3"), (0, 3, "0.000"),
      (12.3456, 4, "12.3456"),
      (1e14, 2, "100000000000000.0"), (.infinity, 2, "inf"), (-.infinity, 1, "-inf"), (.nan, 1, "nan"),
      (0.9996, 3, "1.000"),
    ] {
      #expect(NumberText.fixed(value, decimals) == text)
    }
  }

  @Test func digits() {
    #expect(
      NumberText.padded(7, 4) == "0007" && NumberText.padded(12345, 4) == "12345" && NumberText.padded(0, 1) == "0")
    #expect(NumberText.padded(UInt64.max, 16, radix: 16) == "ffffffffffffffff")
    #expect(NumberText.padded(UInt8(10), 2, radix: 16) == "0a")
    #expect(
      [0, 12, 999, 1000, 1_234_567, -1_234].map(NumberText.grouped) == [
        "0", "12", "999", "1,000", "1,234,567", "-1,234",
      ])
    #expect(NumberText.short(2.0) == "2" && NumberText.short(0.25) == "0.25" && NumberText.short(Float(0.1)) == "0.1")
    #expect(NumberText.percent(0.873) == "87 %" && NumberText.percent(1, space: "") == "100%")
  }

  @Test func magnitudes() {
    #expect(
      [999, 1000, 9_994, 9_996, 99_960, 999_499, 999_500, 1_453_082, 1_200_000_000].map { NumberText.scaled($0) }
        == ["999", "1.00 k", "9.99 k", "10.0 k", "100 k", "999 k", "1.00 M", "1.45 M", "1.20 G"])
    #expect(
      [0.00012, 9.96e-5, 12345, -0.5, 0].map(NumberText.scientific) == [
        "1.2e-04", "1.0e-04", "1.2e+04", "-5.0e-01", "0",
      ])
    #expect(
      [512, 20 << 10, 3 << 20, 64 << 20, 5 << 30].map(NumberText.bytes) == [
        "0.5 KiB", "20 KiB", "3.0 MiB", "64 MiB", "5.0 GiB",
      ])
  }

  @Test func durations() {
    #expect([0.4, 59.4, 59.6, 187, 3787].map(NumberText.duration) == ["0 s", "59 s", "1:00", "3:07", "1:03:07"])
    #expect(NumberText.duration(.infinity) == "?" && NumberText.duration(.nan) == "?")
  }
}
