#if canImport(Darwin)
import Foundation

extension String {
  /// The canonical composition (NFC): the same name in the same bytes, whichever file system spelt it.
  package var composed: String { precomposedStringWithCanonicalMapping }
}
#else
@_spi(_Unicode) import Swift

extension String {
  /// The canonical composition (NFC): the same name in the same bytes, whichever file system spelt it.
  package var composed: String {
    if utf8.allSatisfy({ $0 < 0x80 }) { return self }
    var composed = String.UnicodeScalarView()
    composed.append(contentsOf: _nfc)
    return String(composed)
  }
}
#endif
