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
    print(row)
    #expect(row.passes, "\(row)")
    #expect(row.samples >= 20)
  }
}
