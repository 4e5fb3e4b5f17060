/// A word as typed in a shell, in quotes where it has characters that are special there.
package func quoted(_ word: String) -> String {
  let isPlain = word.utf8.allSatisfy { byte in
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      // 0x2B to 0x2F are + , - . and /
      UInt8(ascii: "0")...UInt8(ascii: "9"), 0x2B...0x2F, UInt8(ascii: "_"), UInt8(ascii: "="), 0x80...0xFF:
      true
    default: false
    }
  }
  return isPlain && !word.isEmpty ? word : "'" + word.replacing("'", with: "'\\''") + "'"
}
