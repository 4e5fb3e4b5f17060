import NunchiImages

extension TrainingSettings {
  /// The ways to mix the pictures of a batch, by the word that settings and flags use.
  public enum MixingName: String, Sendable, Hashable, CaseIterable {
    case none, mixup, cutmix, mosaic

    /// - Parameter alpha: of the Beta distribution that shares are drawn from; nil: 0.2 for mixup, which leaves most
    ///   pictures nearly alone, and 1 for cutmix, every share alike.
    public func mixing(alpha: Float? = nil) -> Mixing {
      switch self {
      case .none: .none
      case .mixup: .mixUp(alpha: alpha ?? 0.2)
      case .cutmix: .cutMix(alpha: alpha ?? 1)
      case .mosaic: .mosaic
      }
    }
  }
}

extension Mixing {
  var name: TrainingSettings.MixingName {
    switch self {
    case .none: .none
    case .mixUp: .mixup
    case .cutMix: .cutmix
    case .mosaic: .mosaic
    }
  }

  /// The alpha of the Beta distribution that shares are drawn from, where there is one.
  var alpha: Float? {
    switch self {
    case .none, .mosaic: nil
    case .mixUp(let alpha), .cutMix(let alpha): alpha
    }
  }
}
