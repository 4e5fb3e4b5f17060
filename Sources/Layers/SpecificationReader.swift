import NunchiGraph
import NunchiTensors

/// A layer could not be rebuilt from its description.
package struct LayerSpecificationError: Error, Hashable, CustomStringConvertible {
  /// Where in the network, such as `layer1.0`; empty for the network itself.
  package let path: String
  /// The kind of the layer.
  package let kind: String
  /// The setting at fault, where it is one.
  package let option: String?
  package let message: String

  package var description: String {
    let place = path.isEmpty ? kind : "\(kind) at \(path)"
    return place + (option.map { ", option \($0)" } ?? "") + ": " + message
  }
}

/// Reads the settings of one layer, each checked against what the layer takes, and notices those nobody asked for.
final class SpecificationReader {
  let specification: LayerSpecification
  let path: String
  private let depth: Int
  private var used: Set<String> = []

  private static let deepest = 64

  init(_ specification: LayerSpecification, path: String, depth: Int) {
    self.specification = specification
    self.path = path
    self.depth = depth
  }

  func error(_ option: String?, _ message: String) -> LayerSpecificationError {
    LayerSpecificationError(path: path, kind: specification.kind, option: option, message: message)
  }

  private func option(_ name: String) -> LayerSpecification.Option? {
    used.insert(name)
    return specification[name]
  }

  func integer(
    _ name: String, in range: ClosedRange<Int>, default standard: Int? = nil
  ) throws(LayerSpecificationError) -> Int {
    guard let value = option(name) else {
      guard let standard else { throw error(name, "is missing") }
      return standard
    }
    guard let integer = value.integer, range.contains(integer) else {
      throw error(name, "must be a whole number from \(range.lowerBound) to \(range.upperBound), got \(value)")
    }
    return integer
  }

  func number(
    _ name: String, in range: ClosedRange<Float>, default standard: Float? = nil
  ) throws(LayerSpecificationError) -> Float {
    guard let value = option(name) else {
      guard let standard else { throw error(name, "is missing") }
      return standard
    }
    guard let number = value.number.map(Float.init), range.contains(number) else {
      throw error(name, "must be a number from \(range.lowerBound) to \(range.upperBound), got \(value)")
    }
    return number
  }

  func numbers(_ name: String) throws(LayerSpecificationError) -> [Float] {
    guard let value = option(name) else { throw error(name, "is missing") }
    guard case .numbers(let numbers) = value, numbers.allSatisfy({ Float($0).isFinite }) else {
      throw error(name, "must be a list of finite numbers, got \(value)")
    }
    return numbers.map { Float($0) }
  }

  /// A list of whole numbers.
  func extents(
    _ name: String, _ counts: ClosedRange<Int>, in range: ClosedRange<Int>, default standard: [Int]? = nil
  ) throws(LayerSpecificationError) -> [Int] {
    if let standard, specification[name] == nil { return standard }
    let numbers = try numbers(name)
    guard counts.contains(numbers.count),
      numbers.allSatisfy({ (Float(range.lowerBound)...Float(range.upperBound)).contains($0) && $0 == $0.rounded() })
    else {
      throw error(name, "must be whole numbers from \(range.lowerBound) to \(range.upperBound), got \(numbers)")
    }
    return numbers.map { Int($0) }
  }

  func flag(_ name: String, default standard: Bool) throws(LayerSpecificationError) -> Bool {
    guard let value = option(name) else { return standard }
    guard case .flag(let flag) = value else { throw error(name, "must be true or false, got \(value)") }
    return flag
  }

  func text(_ name: String, default standard: String) throws(LayerSpecificationError) -> String {
    guard let value = option(name) else { return standard }
    guard case .text(let text) = value else { throw error(name, "must be a text, got \(value)") }
    return text
  }

  func size(_ name: String, default standard: WindowSize? = nil) throws(LayerSpecificationError) -> WindowSize {
    guard let value = option(name) else {
      guard let standard else { throw error(name, "is missing") }
      return standard
    }
    let range = 1.0...65536.0
    guard case .numbers(let sides) = value, sides.count == 2,
      sides.allSatisfy({ range.contains($0) && $0 == $0.rounded() })
    else { throw error(name, "must be a height and a width from 1 to 65536, got \(value)") }
    return WindowSize(Int(sides[0]), Int(sides[1]))
  }

  func padding(_ name: String) throws(LayerSpecificationError) -> Padding {
    let range = 0.0...65536.0
    switch option(name) {
    case nil, .text("valid")?: return .valid
    case .text("same")?: return .same
    case .integer(let pixels)? where (0...65536).contains(pixels): return .symmetric(pixels)
    case .numbers(let sides)? where sides.count == 4 && sides.allSatisfy { range.contains($0) && $0 == $0.rounded() }:
      return .explicit(top: Int(sides[0]), bottom: Int(sides[1]), left: Int(sides[2]), right: Int(sides[3]))
    case let value?:
      throw error(name, "must be \"valid\", \"same\", or pixels from 0 to 65536 (one or four), got \(value)")
    }
  }

  func initializer(_ name: String, default standard: Initializer) throws(LayerSpecificationError) -> Initializer {
    let valueName = name + "Value"
    let limit: Float = 1e6
    switch try text(name, default: "") {
    case "": return standard
    case "zeros": return .zeros
    case "ones": return .ones
    case "constant": return .constant(try number(valueName, in: -limit...limit))
    case "normal": return .normal(deviation: try number(valueName, in: 0...limit))
    case "uniform": return .uniform(bound: try number(valueName, in: 0...limit))
    case "he": return .he
    case "xavier": return .xavier
    case "leCun": return .leCun
    case "torchDefault": return .torchDefault
    case let other: throw error(name, "no initialiser is called \"\(other)\"")
    }
  }

  /// Refuses weights that no machine could hold.
  func checkWeights(_ extents: [Int]) throws(LayerSpecificationError) {
    var count = 1
    for extent in extents {
      let (product, overflow) = count.multipliedReportingOverflow(by: extent)
      guard !overflow, product <= LayerSpecification.largestWeight else {
        throw error(nil, "weights of shape \(Shape(extents)) are too large")
      }
      count = product
    }
  }

  /// The layers inside, rebuilt.
  func children() throws(LayerSpecificationError) -> [NamedLayer] {
    guard depth < Self.deepest else { throw error(nil, "more than \(Self.deepest) layers inside each other") }
    var names: Set<String> = []
    var layers: [NamedLayer] = []
    for child in specification.children {
      guard names.insert(child.name).inserted else { throw error(nil, "two layers are called \"\(child.name)\"") }
      let layer = try makeLayer(child.layer, path: joined(path, child.name), depth: depth + 1)
      layers.append((child.name, layer))
    }
    return layers
  }

  /// Throws if a setting was given that the layer does not have.
  func finish() throws(LayerSpecificationError) {
    for option in specification.options where !used.contains(option.name) {
      throw error(option.name, "is not known")
    }
  }
}
