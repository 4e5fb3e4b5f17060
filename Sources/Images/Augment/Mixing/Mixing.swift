import NunchiTensors

/// How the pictures of a batch are mixed with each other; their targets become shares of several classes.
public enum Mixing: Sendable, Hashable, CaseIterable {
  /// Pictures stay as they are.
  case none
  /// Two pictures shine through each other; the share is drawn from Beta(alpha, alpha). 0.2 leaves most pictures nearly
  /// alone.
  case mixUp(alpha: Float = 0.2)
  /// A rectangle of another picture is put in; its share of the area is drawn from Beta(alpha, alpha). 1 makes every share
  /// alike.
  case cutMix(alpha: Float = 1)
  /// Four pictures, made smaller, round a random point.
  case mosaic

  /// Every way with its usual alpha.
  public static let allCases: [Mixing] = [.none, .mixUp(), .cutMix(), .mosaic]

  /// The word that settings and files use: `mixup`.
  public var name: String {
    switch self {
    case .none: "none"
    case .mixUp: "mixup"
    case .cutMix: "cutmix"
    case .mosaic: "mosaic"
    }
  }

  /// The way of that name with its usual alpha; nil where there is none.
  public init?(named name: String) {
    guard let mixing = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = mixing
  }

  /// Of the Beta distribution that shares are drawn from; nil where there is none, and then none is set.
  package var alpha: Float? {
    get {
      switch self {
      case .none, .mosaic: nil
      case .mixUp(let alpha), .cutMix(let alpha): alpha
      }
    }
    set {
      guard let newValue else { return }
      switch self {
      case .none, .mosaic: break
      case .mixUp: self = .mixUp(alpha: newValue)
      case .cutMix: self = .cutMix(alpha: newValue)
      }
    }
  }

  /// What becomes of each picture of a batch: a pure function of seed, epoch and batch.
  ///
  /// Partners follow each other in a random ring, so that nobody is mixed with itself while there are others.
  package func draw(count: Int, _ shape: PictureShape, seed: UInt64, epoch: Int, batch: Int) -> Draw {
    let stream = RandomStream(
      seed: seed, name: "mixing",
      position: (UInt32(truncatingIfNeeded: epoch), UInt32(truncatingIfNeeded: batch)))
    var own = stream
    let ring = own.permutation(count)
    return Draw(ring: ring, mixtures: ring.map { count > 1 ? mixture(stream.part($0), shape) : .plain })
  }

  private func mixture(_ stream: RandomStream, _ shape: PictureShape) -> Mixture {
    var stream = stream
    switch self {
    case .none: return .plain
    case .mixUp(let alpha): return .blend(share: Int((stream.beta(alpha) * 256).rounded()))
    case .cutMix(let alpha):
      let side = stream.beta(alpha).squareRoot()
      let width = Int((Double(shape.width) * side).rounded())
      let height = Int((Double(shape.height) * side).rounded())
      return .patch(
        x: stream.integer(below: shape.width - width + 1), y: stream.integer(below: shape.height - height + 1),
        width: width, height: height)
    case .mosaic:
      let x = Int((Float(shape.width) * stream.uniform(0.3...0.7)).rounded())
      let y = Int((Float(shape.height) * stream.uniform(0.3...0.7)).rounded())
      return .mosaic(x: x, y: y)
    }
  }

  /// What is mixed into one picture.
  package enum Mixture: Sendable, Hashable {
    case plain
    /// The next picture, with a share in 1/256.
    case blend(share: Int)
    /// A rectangle of the next picture, in its place.
    case patch(x: Int, y: Int, width: Int, height: Int)
    /// The picture left above the point, the three that follow right above, left below, right below.
    case mosaic(x: Int, y: Int)
  }

  /// The mixtures of one batch. The pictures stand in a ring: each takes in those that follow it.
  package struct Draw: Sendable, Hashable {
    /// Numbers of the pictures.
    package let ring: [Int]
    /// By place in the ring.
    package let mixtures: [Mixture]

    package init(ring: [Int], mixtures: [Mixture]) {
      precondition(ring.sorted() == Array(ring.indices), "a ring holds every picture once")
      precondition(mixtures.count == ring.count, "a ring of \(ring.count) has \(mixtures.count) mixtures")
      (self.ring, self.mixtures) = (ring, mixtures)
    }
  }
}

/// Mixing that ends before training does: the last epochs see pictures as they are.
public struct MixingSchedule: Sendable, Hashable {
  /// How pictures are mixed.
  public var mixing: Mixing
  /// How many epochs at the end go without.
  public var plainEpochs: Int

  /// A mixing that the last epochs go without.
  public init(_ mixing: Mixing, plainEpochs: Int = 0) {
    precondition(plainEpochs >= 0, "a number of epochs is not negative, got \(plainEpochs)")
    (self.mixing, self.plainEpochs) = (mixing, plainEpochs)
  }

  /// - Parameter epoch: counted from 0.
  public func mixing(epoch: Int, of epochs: Int) -> Mixing { epoch < epochs - plainEpochs ? mixing : .none }
}
