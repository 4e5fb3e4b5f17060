import Foundation
import NunchiGraph
import NunchiLayers
import NunchiModels
import NunchiTensors
import Testing

/// One of every kind, with options that are not the defaults.
let oneOfEach: [any Layer] = [
  Conv2D(
    4, 6, kernel: WindowSize(3, 2), stride: WindowSize(2, 1), padding: .explicit(top: 1, bottom: 0, left: 2, right: 1),
    dilation: 2, groups: 2, bias: true, initializer: .normal(deviation: 0.01), biasInitializer: .constant(0.1)),
  Conv2D(3, 5, kernel: 3, padding: .same, bias: false), Conv2D(3, 5, kernel: 3, padding: 1),
  Dense(7, 3, initializer: .uniform(bound: 0.3)), Dense(7, 3, bias: false, initializer: .xavier),
  BatchNorm2D(5, epsilon: 1e-3, momentum: 0.01), BatchNorm1D(4), MaxPool2D(3, stride: 2, padding: 1, ceil: true),
  MinPool2D(2), AveragePool2D(3, stride: 1, padding: 1, countsPadding: false), GlobalAveragePool(), ReLU(), Sigmoid(),
  Tanh(), LeakyReLU(slope: 0.2), ELU(alpha: 0.5), NunchiLayers.Softmax(), LogSoftmax(), Step(),
  NunchiLayers.Dropout(0.3), Flatten(), Normalization(mean: [0.5, 0.4], deviation: [0.2, 0.25]),
  ConvTranspose2D(
    4, 6, kernel: WindowSize(3, 2), stride: WindowSize(2, 3), padding: .explicit(top: 1, bottom: 0, left: 0, right: 1),
    outputPadding: (1, 2), dilation: 2, groups: 2, initializer: .xavier, biasInitializer: .constant(0.1)),
  ConvTranspose2D(3, 5, kernel: 2, stride: 2, bias: false), Upsample(WindowSize(2, 3), .bilinear, alignment: .corners),
  HardSigmoid(), HardSwish(), SiLU(), Mish(), GELU(approximate: true), Clip(-1...2.5), GroupNorm(2, 4, epsilon: 1e-3),
  LayerNorm(7), LayerNorm([5, 5, 4], epsilon: 1e-4), LocalResponseNorm(5, alpha: 0.5, beta: 0.5, bias: 2),
  Sequential {
    Dense(2, 2); ReLU()
  },
  Residual(Dense(2, 2), shortcut: Dense(2, 2, bias: false), activation: ReLU(), names: ("", "skip", "relu")),
  Parallel(named: [("a", Conv2D(2, 1, kernel: 1)), ("b", MaxPool2D(3, stride: 1, padding: 1))]),
]

/// What a network is, as far as a specification tells: names, shapes, roles, initialisers and the graph it records.
private func anatomy(_ layer: any Layer) -> [String] {
  layer.namedParameters().map {
    "\($0.name) \($0.parameter.shape) \($0.parameter.role) \($0.parameter.layout) \($0.parameter.initializer) "
      + "\($0.parameter.fanIn) \($0.parameter.fanOut)"
  }
}

private func operations(_ layer: any Layer, _ input: Shape, _ mode: Mode) throws -> [String] {
  try trace(mode) { _ = layer($0.input("x", input)) }.nodes.map { "\($0.operation) \($0.inputs) \($0.outputs)" }
}

struct SpecificationTests {
  /// A kind that the factory does not know, or an option that is not written or not read.
  @Test func everyKindReturns() throws {
    for layer in oneOfEach {
      let specification = try #require(layer.specification, "\(layer.summary)")
      let rebuilt = try makeLayer(specification)
      #expect(rebuilt.specification == specification)
      #expect(rebuilt.summary == layer.summary)
      #expect(anatomy(rebuilt) == anatomy(layer))
      #expect(type(of: rebuilt) == type(of: layer))
    }
    #expect(Set(oneOfEach.map { $0.specification!.kind }) == Set(layerKinds))
  }

  @Test(arguments: ModelPreset.all.map(\.name))
  func presetsReturn(name: String) throws {
    let preset = try ModelPreset.named(name)
    let model = try preset.make(classes: 5, width: 0.25)
    let rebuilt = try makeLayer(#require(model.specification))
    #expect(anatomy(rebuilt) == anatomy(model))
    let input: Shape = [2, preset.size, preset.size, preset.channels]
    for mode in [Mode.training, .inference] {
      #expect(try operations(rebuilt, input, mode) == operations(model, input, mode))
    }
  }

  @Test func layersWithoutSpecificationAreNotHidden() {
    struct Own: Layer { func forward(_ x: Value) -> Value { x } }
    #expect(
      Sequential {
        ReLU(); Own()
      }.specification == nil)
  }

  private func message(_ specification: LayerSpecification) -> String? {
    do {
      _ = try makeLayer(specification)
      return nil
    } catch { return error.description }
  }

  /// What a damaged or hostile file may say, word by word.
  @Test func badValuesAreErrors() {
    let dense: [String: LayerSpecification.Option] = ["inputs": .integer(2), "outputs": .integer(3)]
    func nested(_ options: [String: LayerSpecification.Option]) -> LayerSpecification {
      LayerSpecification("Sequential", children: [.init("fc", LayerSpecification("Dense", options))])
    }
    #expect(message(nested(dense)) == nil)
    #expect(
      message(nested(dense.merging(["inputs": .integer(-1)]) { $1 }))
        == "Dense at fc, option inputs: must be a whole number from 1 to 16777216, got -1")
    #expect(message(nested(["inputs": .integer(2)])) == "Dense at fc, option outputs: is missing")
    #expect(
      message(nested(dense.merging(["bias": .text("yes")]) { $1 }))
        == "Dense at fc, option bias: must be true or false, got \"yes\"")
    #expect(
      message(nested(dense.merging(["colour": .flag(true)]) { $1 })) == "Dense at fc, option colour: is not known")
    #expect(
      message(nested(["inputs": .integer(1 << 24), "outputs": .integer(1 << 24)]))
        == "Dense at fc: weights of shape [16777216, 16777216] are too large")
    #expect(message(LayerSpecification("Magic")) == "Magic: no layer is of this kind")
    #expect(
      message(LayerSpecification("ReLU", children: [.init("a", LayerSpecification("ReLU"))]))
        == "ReLU: takes no layers inside")
    #expect(message(LayerSpecification("Dropout", ["rate": .number(.nan)])) != nil)
    #expect(message(LayerSpecification("Dropout", ["rate": .integer(1)])) != nil)
    #expect(message(LayerSpecification("Residual")) == "Residual: expects 1 layer(s) inside, got 0")
    #expect(message(LayerSpecification("Parallel")) == "Parallel: needs at least one branch")
    #expect(
      message(
        LayerSpecification("Normalization", ["mean": .numbers([0]), "deviation": .numbers([]), "scale": .integer(1)]))
        == "Normalization, option deviation: 0 deviations for 1 means")
    let twice = LayerSpecification("Sequential", children: [.init("a", .init("ReLU")), .init("a", .init("ReLU"))])
    #expect(message(twice) == "Sequential: two layers are called \"a\"")
  }

  /// Every option of every kind, replaced by every bad value: an error or a layer, never a trap, in building or tracing.
  @Test func noValueTraps() throws {
    let bad: [LayerSpecification.Option] = [
      .integer(.min), .integer(.max), .integer(0), .integer(7), .number(.nan), .number(.infinity), .number(-1e300),
      .text(""), .text("same"), .text("constant"), .flag(false), .numbers([]), .numbers([.nan, .infinity]),
      .numbers([1e300, 1e300]), .numbers([0, 0]), .numbers([65536, 65536]), .numbers([9, 9, 9, 9]),
    ]
    for layer in oneOfEach {
      let specification = layer.specification!
      for option in specification.options {
        for value in bad {
          var options = Dictionary(uniqueKeysWithValues: specification.options.map { ($0.name, $0.value) })
          options[option.name] = value
          let changed = LayerSpecification(specification.kind, options, children: specification.children)
          guard let made = try? makeLayer(changed) else { continue }
          for input: Shape in [[2, 5, 5, 4], [2, 7], [3], []] {
            _ = try? trace(.training) { _ = made($0.input("x", input)) }
          }
        }
      }
    }
  }

  @Test func depthIsBounded() {
    var specification = LayerSpecification("ReLU")
    for _ in 0..<100 { specification = LayerSpecification("Sequential", children: [.init("", specification)]) }
    #expect(message(specification)?.hasSuffix("more than 64 layers inside each other") == true)
  }
}
