import NunchiTensors

/// One kind of random change of a picture, as a value whose properties are bounds and shares.
///
/// What a transform does to one picture is drawn as a `Change`: a pure function of the transform, an amount and a random
/// stream. The properties that a text or a file can set are listed in `parameters`.
package protocol Transform: Sendable, Hashable {
  /// Its word in command lines and files, such as `gaussian-blur`.
  static var name: String { get }
  /// What it does in a few words, such as "blurs with a Gaussian of up to sigma pixels".
  static var summary: String { get }
  static var amounts: Amounts { get }
  static var parameters: [TransformParameter<Self>] { get }

  /// With bounds that change a photograph visibly and leave its subject recognisable.
  init()

  /// The change at a share of the bounds: `amount` is in `amounts.range`, and 0 leaves every byte alone where amounts are
  /// not `fixed`. What a single amount does not say (a second axis, the place of drops) is drawn from `stream`.
  func change(_ amount: Float, _ stream: inout RandomStream, _ shape: PictureShape) -> Change
}

extension Transform {
  /// The change of one picture, its amount uniform over the whole range.
  package func draw(_ stream: inout RandomStream, _ shape: PictureShape) -> Change {
    let amount = Self.amounts == .fixed ? 1 : stream.uniform(Self.amounts.range)
    return change(amount, &stream, shape)
  }
}

/// Which amounts a transform knows.
package enum Amounts: Sendable, Hashable {
  /// Either way: a turn, a shift, a change of brightness.
  case signed
  /// From nothing to the bound: a blur, noise, snow.
  case positive
  /// Done or not done: a flip, an inversion.
  case fixed

  package var range: ClosedRange<Float> {
    switch self {
    case .signed: -1...1
    case .positive: 0...1
    case .fixed: 1...1
    }
  }
}

/// A number of a transform that a text or a file can set.
package struct TransformParameter<Root: Transform>: Sendable {
  /// One word in lower case, such as `degrees`.
  package let name: String
  package let path: WritableKeyPath<Root, Float> & Sendable
  package let range: ClosedRange<Float>

  package init(_ name: String, _ path: WritableKeyPath<Root, Float> & Sendable, _ range: ClosedRange<Float>) {
    self.name = name
    self.path = path
    self.range = range
  }
}

/// The shape of a picture that is to be changed.
package struct PictureShape: Sendable, Hashable {
  package var width: Int
  package var height: Int
  package var channels: Int

  /// The point that turns and changes of size leave in place.
  package var centre: Point { Point(Double(width - 1) / 2, Double(height - 1) / 2) }

  package init(width: Int, height: Int, channels: Int) {
    (self.width, self.height, self.channels) = (width, height, channels)
  }
}

/// What was drawn for one picture.
package enum Change: Sendable {
  case none
  /// Every point goes where the map says.
  case projective(ProjectiveMap)
  /// Every point goes its own way.
  case displacement(DisplacementField)
  /// Brightness and contrast, about the mean gray of the picture as it then is.
  case tone(Tone)
  /// Every sample through a table of its channel: 256 entries each, or 256 for all channels.
  case table([UInt8])
  /// Anything else that leaves every pixel's place alone, in place.
  case pixels(@Sendable (Pixels) -> Void)
}

/// The samples of a picture while they are changed, and as much memory again to work in.
package struct Pixels {
  package let shape: PictureShape
  /// `height * width * channels` samples, `[y][x][channel]`.
  package let samples: UnsafeMutablePointer<UInt8>
  /// As many bytes, undefined before and after.
  package let scratch: UnsafeMutablePointer<UInt8>

  package init(
    _ shape: PictureShape, _ samples: UnsafeMutablePointer<UInt8>, scratch: UnsafeMutablePointer<UInt8>
  ) {
    (self.shape, self.samples, self.scratch) = (shape, samples, scratch)
  }

  package var count: Int { shape.width * shape.height * shape.channels }
}
