/// The element types that can be read. `F32` is the one that is written.
package enum SafetensorsType: String, Hashable, Sendable, CaseIterable {
  case f64 = "F64"
  case f32 = "F32"
  case f16 = "F16"
  case bf16 = "BF16"
  case i64 = "I64"
  case i32 = "I32"
  case u8 = "U8"

  /// The bytes of one element.
  package var size: Int {
    switch self {
    case .f64, .i64: 8
    case .f32, .i32: 4
    case .f16, .bf16: 2
    case .u8: 1
    }
  }

  /// The elements in `bytes` (little-endian, any alignment) as floats, rounded where the type is more precise.
  func floats(_ bytes: UnsafeRawBufferPointer) -> [Float] {
    func map<Element: FixedWidthInteger>(_: Element.Type, _ float: (Element) -> Float) -> [Float] {
      (0..<bytes.count / size).map {
        float(Element(littleEndian: bytes.loadUnaligned(fromByteOffset: $0 * size, as: Element.self)))
      }
    }
    return switch self {
    case .f64: map(UInt64.self) { Float(Double(bitPattern: $0)) }
    case .f32: map(UInt32.self) { Float(bitPattern: $0) }
    case .f16: map(UInt16.self, Self.float(half:))
    case .bf16: map(UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .i64: map(Int64.self) { Float($0) }
    case .i32: map(Int32.self) { Float($0) }
    case .u8: map(UInt8.self) { Float($0) }
    }
  }

  /// Converts IEEE half precision to single, exactly. (`Float16` does not exist on every platform of Swift.)
  static func float(half bits: UInt16) -> Float {
    let sign = UInt32(bits >> 15) << 31
    let exponent = UInt32(bits >> 10) & 0x1F
    let fraction = UInt32(bits) & 0x3FF
    switch exponent {
    case 0:
      let magnitude = Float(fraction) * 0x1p-24
      return sign == 0 ? magnitude : -magnitude
    case 0x1F: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
    default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
    }
  }
}
