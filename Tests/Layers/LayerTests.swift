import NunchiGraph
import NunchiLayers
import NunchiModels
import NunchiTensors
import NunchiTestSupport
import Testing

struct LayerContractTests {
  /// A layer that forgets to list a parameter neither trains nor saves it.
  @Test func builtInLayersListAll() {
    for layer in oneOfEach {
      #expect(contractViolations(of: layer, listing: layer.namedParameters()) == [], "\(layer.summary)")
    }
  }

  @Test(arguments: ModelPreset.all.map(\.name))
  func presetsListAll(name: String) throws {
    let model = try ModelPreset.named(name).make(classes: 2)
    #expect(contractViolations(of: model, listing: model.namedParameters()) == [])
  }

  /// Whatever runs must be listed too: the parameters in the graph are those of the list.
  @Test(arguments: ModelPreset.all.map(\.name))
  func presetsUseAll(name: String) throws {
    let preset = try ModelPreset.named(name)
    let model = try preset.make(classes: 2)
    let graph = try trace(.training) { _ = model($0.input("x", [2, preset.size, preset.size, preset.channels])) }
    #expect(Set(graph.parameters.map(\.parameter)) == Set(model.namedParameters().map(\.parameter)))
  }
}

struct NameTests {
  @Test func torchNames() {
    let model = Sequential {
      Conv2D(3, 4, kernel: 3); BatchNorm2D(4); ReLU()
      Sequential { Dense(4, 2, bias: false) }
    }
    #expect(
      model.namedParameters().map(\.name) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "3.0.weight",
      ])
    #expect(model.namedParameters("net").first?.name == "net.0.weight")
  }

  /// torch.nn's state_dict of the same blocks (without num_batches_tracked).
  @Test func resnet20Names() throws {
    let names = try ModelPreset.resnet20.make(classes: 10).namedParameters().map(\.name)
    #expect(
      Array(names.prefix(15)) == [
        "0.0.weight", "0.1.weight", "0.1.bias", "0.1.running_mean", "0.1.running_var", "1.a.0.weight", "1.a.1.weight",
        "1.a.1.bias", "1.a.1.running_mean", "1.a.1.running_var", "1.b.0.weight", "1.b.1.weight", "1.b.1.bias",
        "1.b.1.running_mean", "1.b.1.running_var",
      ])
    #expect(names.filter { $0.contains("skip") && $0.hasSuffix("0.weight") } == ["4.skip.0.weight", "7.skip.0.weight"])
    #expect(Array(names.suffix(2)) == ["12.weight", "12.bias"])
  }

  /// torchvision's names.
  @Test func torchvisionNames() throws {
    let resnet = try ModelPreset.resnet18.make(classes: 1000).namedParameters().map(\.name)
    #expect(
      Array(resnet.prefix(5)) == ["conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var"])
    let block = resnet.filter { $0.hasPrefix("layer2.0.") && $0.hasSuffix("weight") }
    #expect(
      block == [
        "layer2.0.conv1.weight", "layer2.0.bn1.weight", "layer2.0.conv2.weight", "layer2.0.bn2.weight",
        "layer2.0.downsample.0.weight", "layer2.0.downsample.1.weight",
      ])
    #expect(resnet.count == 62 + 40)
    #expect(!resnet.contains { $0.hasPrefix("layer1.0.downsample") })
    let alexnet = try ModelPreset.alexnet.make(classes: 1000).namedParameters().map(\.name)
    #expect(
      alexnet.filter { $0.hasSuffix("weight") } == [
        "features.0.weight", "features.3.weight", "features.6.weight", "features.8.weight", "features.10.weight",
        "classifier.1.weight", "classifier.4.weight", "classifier.6.weight",
      ])
  }

  @Test func shapesAndFans() {
    let conv = Conv2D(6, 4, kernel: WindowSize(3, 5), groups: 2)
    #expect(conv.weight.shape == [3, 5, 3, 4] && conv.weight.layout == .convolution)
    #expect(conv.weight.fanIn == 45 && conv.weight.fanOut == 30)
    let dense = Dense(7, 3)
    #expect(dense.weight.shape == [7, 3] && dense.weight.layout == .dense && dense.weight.fanIn == 7)
    #expect(dense.bias?.shape == [3] && dense.bias?.role == .bias)
  }

  /// A model of one parameter used twice stores and counts it once.
  @Test func sharedLayersCountOnce() throws {
    let shared = Dense(3, 3)
    let model = Sequential {
      shared; ReLU(); shared
    }
    #expect(model.parameterCount == 12)
    let summary = try ModelSummary(model, input: [1, 3])
    #expect(summary.parameters == 12 && summary.rows.map(\.parameters) == [12, 0, 0])
    #expect(summary.rows.map(\.path) == ["0", "1", "2"])
  }
}

struct ErrorTests {
  private func message(_ input: Shape, _ layer: any Layer, _ type: DataType = .float32) -> String? {
    do {
      _ = try trace(.training) { _ = layer($0.input("x", input, type)) }
      return nil
    } catch { return "\(error)" }
  }

  @Test func denseNamesItselfAndTheChain() {
    let line = #line + 1
    let model = Sequential {
      Flatten(); Dense(128, 10)
    }
    #expect(
      message([32, 64], model) == """
        Dense(128 → 10) expects 128 input features, got 64 (input shape [32, 64])
          in Sequential at LayersTests/LayerTests.swift:\(line)
        """)
    #expect(
      message([2, 4, 4, 8], Dense(128, 10))
        == "Dense(128 → 10) expects rows of 128 features, got shape [2, 4, 4, 8]; put Flatten() before it")
    #expect(message([2, 4], Dense(4, 1), .uint8) == "Dense(4 → 1) expects floats, got uint8; normalize bytes first")
  }

  @Test func convolutionNamesItself() {
    let conv = Conv2D(3, 8, kernel: 3, stride: 2, padding: 1)
    #expect(
      message([1, 8, 8, 1], conv)
        == "Conv2D(3 → 8, kernel 3, stride 2, padding 1) expects 3 input channels, got 1 (input shape [1, 8, 8, 1])")
    #expect(
      message([1, 8], conv)
        == "Conv2D(3 → 8, kernel 3, stride 2, padding 1) expects images [n, height, width, channels], got shape [1, 8]")
  }

  @Test func otherLayers() {
    #expect(
      message([1, 4], BatchNorm1D(4))
        == "BatchNorm1D(4) cannot train on a batch of one value a channel, whose variance is zero (input shape [1, 4])")
    #expect(message([2, 5], BatchNorm1D(4)) == "BatchNorm1D(4) expects 4 channels, got 5 (input shape [2, 5])")
    #expect(
      message([2, 1, 1, 3], MaxPool2D(2))
        == "maximum-pool: a 2x2 window is larger than the padded image [2, 1, 1, 3]\n  in MaxPool2D(2)")
    let line = #line + 1
    let residual = Residual(Dense(4, 1))
    #expect(
      message([2, 4], residual)
        == "Residual: the branch gives shape [2, 1], the input [2, 4]\n  in Residual at LayersTests/LayerTests.swift:\(line)"
    )
  }
}
