/// The visual order of the characters of a line, from left to right.
package enum VisualOrder {
  /// Reverses runs of right-to-left scripts with what is among them; numbers and the rest of the line stay. It is a
  /// small part of Unicode's bidirectional algorithm, for left-to-right lines.
  package static func characters(_ text: String) -> [Character] {
    var characters = Array(text)
    // The first character of a run, the end of its certain part, and the brackets opened in it.
    var begin: Int?
    var (end, brackets) = (0, 0)
    for (index, character) in characters.enumerated() {
      if isFromTheRight(character) {
        if begin == nil { (begin, brackets) = (index, 0) }
        end = index + 1
      } else if let first = begin {
        if character.isNumber { end = index + 1 }
        if "([{<«".contains(character) { brackets += 1 }
        if ")]}>»".contains(character), brackets > 0 { (end, brackets) = (index + 1, brackets - 1) }
        if character.isLetter {
          reverse(&characters[first..<end])
          begin = nil
        }
      }
    }
    if let first = begin { reverse(&characters[first..<end]) }
    return characters
  }

  private static func reverse(_ run: inout ArraySlice<Character>) {
    run.reverse()
    var index = run.startIndex
    while index < run.endIndex {
      let end = run[index...].firstIndex { !$0.isNumber } ?? run.endIndex
      run[index..<end].reverse()
      if end == index { run[index] = mirrored[run[index]] ?? run[index] }
      index = max(end, index + 1)
    }
  }

  private static let mirrored: [Character: Character] = [
    "(": ")", ")": "(", "[": "]", "]": "[", "{": "}", "}": "{", "<": ">", ">": "<", "«": "»", "»": "«",
  ]

  private static func isFromTheRight(_ character: Character) -> Bool {
    switch character.unicodeScalars.first?.value ?? 0 {
    case 0x0590...0x08FF, 0xFB1D...0xFDFF, 0xFE70...0xFEFC, 0x10800...0x10FFF, 0x1E800...0x1EFFF: true
    default: false
    }
  }
}
