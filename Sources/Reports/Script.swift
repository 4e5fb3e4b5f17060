/// Scripts other than ours, each with a letter that a font for it has.
package enum Script: String, Sendable, CaseIterable {
  case korean, chinese, japanese, cyrillic, greek, hebrew, arabic, thai, devanagari

  package var sample: Character {
    switch self {
    case .korean: "한"
    case .chinese: "中"
    case .japanese: "か"
    case .cyrillic: "Я"
    case .greek: "Ω"
    case .hebrew: "א"
    case .arabic: "ع"
    case .thai: "ก"
    case .devanagari: "अ"
    }
  }

  /// The name as a word of a sentence.
  package var name: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }

  /// Whether this letter changes its shape or place beside others: Arabic and its relatives, and the scripts of India and
  /// South-East Asia but Thai and Lao.
  package static func joins(_ character: Character) -> Bool {
    switch character.unicodeScalars.first?.value ?? 0 {
    case 0x0600...0x08FF, 0x0900...0x0DFF, 0x0F00...0x109F, 0x1780...0x17FF, 0xFB50...0xFDFF: true
    default: false
    }
  }
}
