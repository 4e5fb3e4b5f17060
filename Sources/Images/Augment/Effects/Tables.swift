import NunchiSystem
import NunchiTensors

/// v ↦ 255 · (v / 255)^γ.
package struct GammaContrast: Transform {
  package static let name = "gamma-contrast"
  package static let summary = "raises samples to a power between 1/gamma (lighter) and gamma (darker)"
  package static let amounts = Amounts.signed
  package static var parameters: [TransformParameter<Self>] { [.init("gamma", \.gamma, 1...10)] }

  package var gamma: Float = 1.7

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    amount == 0 ? .none : .table(Self.table(gamma: pow(Double(gamma), Double(amount))))
  }

  /// The 256 results.
  package static func table(gamma: Double) -> [UInt8] {
    (0..<256).map { UInt8((255 * pow(Double($0) / 255, gamma)).rounded()) }
  }
}

/// v ↦ 255 - v.
package struct Invert: Transform {
  package static let name = "invert"
  package static let summary = "turns every sample into its negative"
  package static let amounts = Amounts.fixed
  package static var parameters: [TransformParameter<Self>] { [] }

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .table((0...255).reversed())
  }
}

/// The negative of samples from 256 - `reach` upwards.
package struct Solarise: Transform {
  package static let name = "solarise"
  package static let summary = "turns the lightest samples, as many as reach levels, into their negative"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("reach", \.reach, 0...256)] }

  package var reach: Float = 128

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let threshold = 256 - Int((amount * reach).rounded())
    return threshold > 255 ? .none : .table((0..<256).map { UInt8($0 < threshold ? $0 : 255 - $0) })
  }
}

/// Samples without their lowest `bits` bits.
package struct Posterise: Transform {
  package static let name = "posterise"
  package static let summary = "clears up to so many of the lowest bits of each sample"
  package static let amounts = Amounts.positive
  package static var parameters: [TransformParameter<Self>] { [.init("bits", \.bits, 0...7)] }

  package var bits: Float = 5

  package init() {}

  package func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let cleared = Int((amount * bits).rounded())
    return cleared == 0 ? .none : .table((0..<256).map { UInt8(($0 >> cleared) << cleared) })
  }
}
