import NunchiGraph
import NunchiTensors

/// A layer that its specification rebuilds.
protocol RebuildableLayer: Layer {
  /// The name in specifications; never changed once files carry it.
  static var kind: String { get }
  init(_ reader: SpecificationReader) throws(LayerSpecificationError)
}

private let rebuildable: [any RebuildableLayer.Type] = [
  Conv2D.self, Dense.self, BatchNorm2D.self, BatchNorm1D.self, MaxPool2D.self, MinPool2D.self, AveragePool2D.self,
  GlobalAveragePool.self, ReLU.self, Sigmoid.self, Tanh.self, LeakyReLU.self, ELU.self, Softmax.self, LogSoftmax.self,
  Step.self, Dropout.self, Flatten.self, Normalization.self, Sequential.self, Residual.self, Parallel.self,
  ConvTranspose2D.self, Upsample.self, HardSigmoid.self, HardSwish.self, SiLU.self, Mish.self, GELU.self, Clip.self,
  GroupNorm.self, LayerNorm.self, LocalResponseNorm.self,
]

/// The kinds of layers that a specification can name.
package let layerKinds: [String] = rebuildable.map { $0.kind }

/// The layer that `specification` describes, with parameters of its own that have no values yet. Throws, and never
/// traps, whatever the specification says.
package func makeLayer(_ specification: LayerSpecification) throws(LayerSpecificationError) -> any Layer {
  try makeLayer(specification, path: "", depth: 0)
}

func makeLayer(
  _ specification: LayerSpecification, path: String, depth: Int
) throws(LayerSpecificationError) -> any Layer {
  let reader = SpecificationReader(specification, path: path, depth: depth)
  guard let type = rebuildable.first(where: { $0.kind == specification.kind }) else {
    throw reader.error(nil, "no layer is of this kind")
  }
  let layer = try type.init(reader)
  if layer.sublayers.isEmpty, !specification.children.isEmpty { throw reader.error(nil, "takes no layers inside") }
  try reader.finish()
  return layer
}

extension LayerSpecification.Option: CustomStringConvertible {
  static func size(_ size: WindowSize) -> Self { .numbers([Double(size.height), Double(size.width)]) }

  /// A whole number where it is one, as a file would read it back.
  static func real(_ value: Float) -> Self { Int(exactly: value).map { .integer($0) } ?? .number(Double(value)) }

  static func padding(_ padding: Padding) -> Self {
    switch padding {
    case .valid: .text("valid")
    case .same: .text("same")
    case .symmetric(let pixels): .integer(pixels)
    case .explicit(let top, let bottom, let left, let right):
      .numbers([Double(top), Double(bottom), Double(left), Double(right)])
    }
  }

  var integer: Int? {
    switch self {
    case .integer(let integer): integer
    case .number(let number): Int(exactly: number)
    case .flag, .text, .numbers: nil
    }
  }

  var number: Double? {
    switch self {
    case .integer(let integer): Double(integer)
    case .number(let number): number
    case .flag, .text, .numbers: nil
    }
  }

  public var description: String {
    switch self {
    case .flag(let flag): "\(flag)"
    case .integer(let integer): "\(integer)"
    case .number(let number): "\(number)"
    case .text(let text): "\"\(text)\""
    case .numbers(let numbers): "\(numbers)"
    }
  }
}

extension [String: LayerSpecification.Option] {
  /// Adds an initialiser, and its number where it has one.
  mutating func describe(_ initializer: Initializer, as name: String) {
    func set(_ text: String, _ value: Float? = nil) {
      self[name] = .text(text)
      if let value { self[name + "Value"] = .real(value) }
    }
    switch initializer {
    case .zeros: set("zeros")
    case .ones: set("ones")
    case .constant(let value): set("constant", value)
    case .normal(let deviation): set("normal", deviation)
    case .uniform(let bound): set("uniform", bound)
    case .he: set("he")
    case .xavier: set("xavier")
    case .leCun: set("leCun")
    case .torchDefault: set("torchDefault")
    }
  }
}
