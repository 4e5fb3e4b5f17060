import NunchiGraph
import NunchiLayers
import NunchiModels
import NunchiTensors
import NunchiTestSupport
import Testing

/// The presets in miniature against PyTorch: logits, loss, every gradient by PyTorch's name, new running statistics.
@Suite struct ModelTests {
  @Test(arguments: ModelPreset.all.map(\.name))
  func inDouble(_ name: String) throws {
    for complaint in try complaints(name, Double.self) { Issue.record("\(name) Double \(complaint)") }
  }

  @Test(arguments: ModelPreset.all.map(\.name))
  func inFloat(_ name: String) throws {
    for complaint in try complaints(name, Float.self) { Issue.record("\(name) Float \(complaint)") }
  }

  @Test func everyPresetHasAMiniature() throws {
    let recorded = Set(try Fixture.load("models").cases.map(\.name))
    let missing = ModelPreset.all.map(\.name).filter { !recorded.contains($0) }
    #expect(missing.isEmpty, "no fixture for \(missing)")
  }

  private func complaints<T: ReferenceScalar>(_ name: String, _ type: T.Type) throws -> [String] {
    let fixture = try Fixture.load("models")
    let attributes = try fixture.named(name).attributes
    let classes = try attributes.integer("classes")
    let model = try ModelPreset.named(name).make(
      classes: classes, channels: try attributes.integer("channels"), size: try attributes.integer("size"),
      width: try attributes.double("width"), dropout: 0)
    let named = model.namedParameters()
    let weights = fixture.tensors(under: name + "/weights").map(\.name)
    guard Set(weights) == Set(named.map(\.name)) else {
      return ["names differ: \(Set(weights).symmetricDifference(named.map(\.name)).sorted())"]
    }
    for (key, parameter) in named {
      let shape = try fixture.entry("\(name)/weights/\(key)").array.shape
      guard shape == parameter.shape else { return ["\(key): shape \(parameter.shape), PyTorch \(shape)"] }
    }
    let found = try run(model, fixture, name, type)
    let expected = fixture.tensors(under: name).filter { $0.entry.attributes["length"] != nil }
    #expect(expected.count > named.count)
    let silent = try attributes.list("silent").map { "gradients/" + $0 }
    for key in silent { #expect(found[key]?.values.allSatisfy { $0 == 0 } == true, "\(name)/\(key) is not zero") }
    let largest = expected.filter { $0.name.hasPrefix("gradients/") }.map { abs($0.entry.array.values.largest) }.max()!
    return try expected.filter { !silent.contains($0.name) }.compactMap { key, entry in
      guard let array = found[key] else { return "\(key): not computed" }
      // A gradient is made of products with gradients of the layers behind it, which the largest of all stands for.
      // Half a unit of Float for how it is stored, half for 1 / count in the gradient of an average, a Float constant.
      let isGradient = key.hasPrefix("gradients/")
      let tolerance = Tolerance(
        length: try entry.attributes.integer("length"),
        magnitude: isGradient ? largest : try entry.attributes.double("magnitude"),
        relative: entry.type == .float32 ? Double(Float.ulpOfOne) : 0)
      return disagreement(array, entry.array, tolerance).map { "\(key) \($0)" }
    }
  }

  /// Every number of one training step and of one inference, under the names of the fixture.
  private func run<T: ReferenceScalar>(
    _ model: Sequential, _ fixture: Fixture, _ name: String, _ type: T.Type
  ) throws -> [String: ReferenceArray<T>] {
    let bytes = try fixture.array(name + "/images", as: type)
    // Exact in Float: the same pixels that PyTorch saw.
    let images = ReferenceArray(bytes.shape, bytes.values.map { ($0 - 128) / 64 })
    let labels = try fixture.array(name + "/labels", as: type)
    let named = model.namedParameters()
    let weights = try named.map { ($0.parameter, try fixture.array("\(name)/weights/\($0.name)", as: type)) }
    let executor = ReferenceExecutor<T>(
      inputs: ["images": images, "labels": labels], parameters: Dictionary(uniqueKeysWithValues: weights))

    let training = try trace(.training) { tracer in
      let logits = model(tracer.input("images", images.shape))
      let loss = Loss.crossEntropy(logits, tracer.input("labels", labels.shape, .int32))
      tracer.output("logits", logits)
      tracer.output("loss", loss)
      try tracer.differentiate(loss, for: named.map(\.parameter).filter { $0.role != .statistic })
    }
    let inference = try trace(.inference) { tracer in
      tracer.output("inference", model(tracer.input("images", images.shape)))
    }
    let results = executor.run(training)
    var found = results.outputs.merging(executor.run(inference).outputs) { $1 }
    for (key, parameter) in named {
      found["gradients/" + key] = results.gradients[parameter]
      found["statistics/" + key] = results.assignments[parameter]
    }
    return found
  }
}

extension [Double] {
  /// The element farthest from zero.
  fileprivate var largest: Double { self.max { abs($0) < abs($1) } ?? 0 }
}
