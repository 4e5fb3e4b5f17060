/// Scripts other than Latin, each with a sample letter that tells whether a font supports it.
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

  /// The name, capitalised.
  package var name: String { rawValue.prefix(1).uppercased() + rawValue.dropFirst() }

  /// Whether letters of the script of this character join or move: Arabic and related scripts, and those of India and
  /// South-East Asia except Thai and Lao.
  package static func joins(_ character: Character) -> Bool {
    switch character.unicodeScalars.first?.value ?? 0 {
    case 0x0600...0x08FF, 0x0900...0x0DFF, 0x0F00...0x109F, 0x1780...0x17FF, 0xFB50...0xFDFF: true
    default: false
    }
  }
}
