import NunchiSystem
import NunchiTensors

/// v ↦ 255 · (v / 255)^γ.
public struct GammaContrast: Transform {
  public static let name = "gamma-contrast"
  public static let summary = "raises samples to a power between 1/gamma (lighter) and gamma (darker)"
  public static let amounts = Amounts.signed
  public static var parameters: [TransformParameter<Self>] { [.init("gamma", \.gamma, 1...10)] }

  public var gamma: Float = 1.7

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    amount == 0 ? .none : .table(Self.table(gamma: pow(Double(gamma), Double(amount))))
  }

  /// The 256 results.
  public static func table(gamma: Double) -> [UInt8] {
    (0..<256).map { UInt8((255 * pow(Double($0) / 255, gamma)).rounded()) }
  }
}

/// v ↦ 255 - v.
public struct Invert: Transform {
  public static let name = "invert"
  public static let summary = "turns every sample into its negative"
  public static let amounts = Amounts.fixed
  public static var parameters: [TransformParameter<Self>] { [] }

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    .table((0...255).reversed())
  }
}

/// The negative of samples from 256 - `reach` upwards.
public struct Solarise: Transform {
  public static let name = "solarise"
  public static let summary = "turns the lightest samples, as many as reach levels, into their negative"
  public static let amounts = Amounts.positive
  public static var parameters: [TransformParameter<Self>] { [.init("reach", \.reach, 0...256)] }

  public var reach: Float = 128

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let threshold = 256 - Int((amount * reach).rounded())
    return threshold > 255 ? .none : .table((0..<256).map { UInt8($0 < threshold ? $0 : 255 - $0) })
  }
}

/// Samples without their lowest `bits` bits.
public struct Posterise: Transform {
  public static let name = "posterise"
  public static let summary = "clears up to so many of the lowest bits of each sample"
  public static let amounts = Amounts.positive
  public static var parameters: [TransformParameter<Self>] { [.init("bits", \.bits, 0...7)] }

  public var bits: Float = 5

  public init() {}

  public func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let cleared = Int((amount * bits).rounded())
    return cleared == 0 ? .none : .table((0..<256).map { UInt8(($0 >> cleared) << cleared) })
  }
}
