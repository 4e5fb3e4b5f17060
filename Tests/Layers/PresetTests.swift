import NunchiGraph
import NunchiLayers
import NunchiModels
import NunchiTensors
import Testing

struct PresetTests {
  /// Counted by torch.nn from the same definitions. A layer too many or few, a forgotten bias, wrong groups or a wrong
  /// number of features shows here.
  @Test(arguments: [
    ("mlp", 45_360), ("simple-cnn", 433_890), ("deep-cnn", 123_552), ("vgg6", 3_454_338), ("resnet20", 272_474),
    ("resnet18", 11_689_512), ("alexnet", 61_100_840),
  ])
  func parameterCounts(name: String, count: Int) throws {
    let preset = try ModelPreset.named(name)
    let model = try preset.make(classes: preset.classes)
    #expect(model.parameterCount == count)
    let summary = try ModelSummary(model, input: [1, preset.size, preset.size, preset.channels])
    #expect(summary.parameters == count)
    #expect(summary.rows.reduce(0) { $0 + $1.parameters } == count)
    #expect(summary.rows.reduce(0) { $0 + $1.multiplyAdds } == summary.multiplyAdds)
    #expect(summary.outputShape == [1, preset.classes])
  }
}

struct PresetGradientTests {
  /// A layer wired wrongly, a gradient added once too often where branches meet.
  @Test(arguments: ModelPreset.all.map(\.name))
  func miniature(name: String) throws {
    let row = try ModelPreset.named(name).checkGradients()
    #expect(row.passes, "\(row)")
    #expect(row.samples >= 20)
  }
}

struct PresetOptionTests {
  @Test func unknownNamesAreTold() {
    #expect(throws: ModelPresetError.self) { try ModelPreset.named("vgg7") }
    func message(_ name: String) -> String {
      do { return try ModelPreset.named(name).name } catch { return error.message }
    }
    #expect(message("vgg7") == "no model is called \"vgg7\"; did you mean vgg6?")
    #expect(message("resnet").hasPrefix("no model is called \"resnet\"; did you mean resnet18, resnet20"))
    #expect(message("zzzzzzzzzzzzzz").contains("there are vgg6, mlp, simple-cnn"))
  }

  /// Other sizes, channels, classes and widths, so that no number is written down twice.
  @Test(arguments: ModelPreset.all.map(\.name), [(2, 1, 64, 0.25), (7, 3, 96, 0.5), (100, 4, 67, 0.1)])
  func otherOptions(name: String, options: (classes: Int, channels: Int, size: Int, width: Double)) throws {
    let model = try ModelPreset.named(name).make(
      classes: options.classes, channels: options.channels, size: options.size, width: options.width)
    let shape = try outputShape(of: model, [3, options.size, options.size, options.channels])
    #expect(shape == [3, options.classes])
  }

  @Test func optionsOutOfRange() {
    func message(_ make: () throws(ModelPresetError) -> Sequential) -> String? {
      do { _ = try make() } catch { return error.message }
      return nil
    }
    #expect(
      message { () throws(ModelPresetError) in try ModelPreset.mlp.make(classes: 0) }
        == "mlp: classes must lie in 1...1000000, got 0")
    #expect(
      message { () throws(ModelPresetError) in try ModelPreset.vgg6.make(classes: 2, size: 8) }?
        .hasPrefix("vgg6 does not fit images of 8x8 with 3 channel(s): maximum-pool") == true)
    #expect(message { () throws(ModelPresetError) in try ModelPreset.mlp.make(classes: 2, width: .nan) } != nil)
    #expect(message { () throws(ModelPresetError) in try ModelPreset.mlp.make(classes: 2, dropout: 1) } != nil)
  }

  /// Weights must fit with and without dropout.
  @Test(arguments: ["vgg6", "mlp", "simple-cnn", "resnet20", "resnet18"])
  func dropoutKeepsNames(name: String) throws {
    let preset = try ModelPreset.named(name)
    let (plain, dropped) = (try preset.make(classes: 2), try preset.make(classes: 2, dropout: 0.25))
    #expect(plain.namedParameters().map(\.name) == dropped.namedParameters().map(\.name))
    #expect(dropped.sublayers.map(\.name).contains("dropout"))
  }

  /// The network's source drops logits too.
  @Test func deepCNNDropsItsLogits() throws {
    let layers = try ModelPreset.deepCNN.make(classes: 10).layers
    #expect(layers.suffix(3).map(\.summary) == ["Dropout(0.5)", "Dense(50 → 10)", "Dropout(0.5)"])
    let changed = try ModelPreset.deepCNN.make(classes: 10, dropout: 0.2).layers
    #expect(changed.suffix(3).map(\.summary) == ["Dropout(0.2)", "Dense(50 → 10)", "Dropout(0.2)"])
  }

  /// torchvision's own counts of multiply-adds: 1.814 and 0.714 billion.
  @Test func multiplyAdds() throws {
    let resnet = try ModelSummary(ModelPreset.resnet18.make(classes: 1000), input: [1, 224, 224, 3])
    #expect(resnet.multiplyAdds == 1_814_073_344)
    let alexnet = try ModelSummary(ModelPreset.alexnet.make(classes: 1000), input: [1, 224, 224, 3])
    #expect(alexnet.multiplyAdds == 714_188_480)
    #expect(resnet.rows.contains { $0.path == "layer2.0.downsample.0" && $0.outputShape == [1, 28, 28, 128] })
    #expect(resnet.statistics == 9600)
    #expect(resnet.undecayed.count == 41)
  }
}
