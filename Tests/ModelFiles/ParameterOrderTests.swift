import NunchiGraph
import NunchiImages
import NunchiLayers
import NunchiModelFiles
import NunchiTensors
import Testing

/// The tensors of a file whose parameters count 0, 1, 2, … as they lie here.
private func stored(
  _ network: any Layer, width: Int, height: Int, channels: Int, classes: Int
) throws -> [String: (shape: Shape, values: [Float])] {
  var weights = Weights(zeros: WeightsLayout(network.namedParameters()))
  for entry in weights.layout.entries { weights[entry.parameter] = (0..<entry.count).map { Float($0) } }
  let model = LoadedModel(
    model: network, weights: weights, classes: (0..<classes).map { "\($0)" },
    preprocessing: Preprocessing(width: width, height: height, channels: channels),
    normalization: Normalization(
      mean: [Float](repeating: 0, count: channels), deviation: [Float](repeating: 1, count: channels)))
  return try withModelPath { path in
    try ModelFile.write(model, to: path)
    let file = try SafetensorsFile(path: path)
    return Dictionary(
      uniqueKeysWithValues: try file.tensors.map { ($0.name, ($0.shape, try file.floats(named: $0.name))) })
  }
}

/// The order of values in files, computed by hand.
@Suite struct ParameterOrderTests {
  /// Here [1, 2, in 3, out 2] with 0…11, that is 6x + 2i + o; in the file [o][i][y][x].
  @Test func convolutionsAreStoredOutputFirst() throws {
    let tensors = try stored(
      Sequential {
        Conv2D(3, 2, kernel: WindowSize(1, 2)); GlobalAveragePool(); Flatten()
      }, width: 4, height: 1, channels: 3, classes: 2)
    #expect(tensors["0.weight"]!.shape == [2, 3, 1, 2])
    #expect(tensors["0.weight"]!.values == [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11])
    #expect(tensors["0.bias"]!.values == [0, 1])
  }

  /// Each output has one input of its own group: here [1, 1, 1, 3], in the file [3, 1, 1, 1].
  @Test func groupsKeepTheirOwnInputs() throws {
    let tensors = try stored(
      Sequential {
        Conv2D(3, 6, kernel: WindowSize(2, 1), groups: 3, bias: false); GlobalAveragePool(); Flatten()
      }, width: 1, height: 2, channels: 3, classes: 6)
    #expect(tensors["0.weight"]!.shape == [6, 1, 2, 1])
    #expect(tensors["0.weight"]!.values == [0, 6, 1, 7, 2, 8, 3, 9, 4, 10, 5, 11])
  }

  /// Here [1, 2, out 2, in 3] with 0…11, that is 6x + 3o + i; in the file [i][o][y][x]. The norm is [1, 8, 2] here.
  @Test func transposedConvolutionsAreStoredInputFirst() throws {
    let tensors = try stored(
      Sequential {
        ConvTranspose2D(3, 2, kernel: WindowSize(1, 2), stride: WindowSize(1, 2)); LayerNorm([1, 8, 2])
        GlobalAveragePool(); Flatten()
      }, width: 4, height: 1, channels: 3, classes: 2)
    #expect(tensors["0.weight"]!.shape == [3, 2, 1, 2])
    #expect(tensors["0.weight"]!.values == [0, 6, 3, 9, 1, 7, 4, 10, 2, 8, 5, 11])
    #expect(tensors["1.weight"]!.shape == [2, 1, 8])
    #expect(tensors["1.weight"]!.values == [0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15])
  }

  @Test func denseLayersAreStoredOutputFirst() throws {
    let tensors = try stored(
      Sequential {
        Flatten(); Dense(1, 3); ReLU(); Dense(3, 2)
      }, width: 1, height: 1, channels: 1, classes: 2)
    // Here [3, 2] with 0…5.
    #expect(tensors["3.weight"]!.shape == [2, 3])
    #expect(tensors["3.weight"]!.values == [0, 2, 4, 1, 3, 5])
  }

  /// A picture of 1x2 with 3 channels. Here feature (x, c) is 3x + c, in the file it is 2c + x; the weight of feature f
  /// for output o is 2f + o.
  @Test func theFirstDenseLayerTakesChannelsFirst() throws {
    let tensors = try stored(
      Sequential {
        Flatten(); Dense(6, 2)
      }, width: 2, height: 1, channels: 3, classes: 2)
    #expect(tensors["1.weight"]!.shape == [2, 6])
    #expect(tensors["1.weight"]!.values == [0, 6, 2, 8, 4, 10, 1, 7, 3, 9, 5, 11])
    #expect(tensors["1.bias"]!.values == [0, 1])
  }

  /// The picture is followed through what works element by element, and what has a number for each feature moves along.
  @Test func elementwiseLayersBehindAFlattenAreFollowed() throws {
    let tensors = try stored(
      Sequential {
        Flatten(); ReLU(); Dropout(0.5); BatchNorm1D(6); Tanh(); Dense(6, 1, bias: false); Dense(1, 2)
      }, width: 2, height: 1, channels: 3, classes: 2)
    #expect(tensors["5.weight"]!.values == [0, 3, 1, 4, 2, 5])
    for name in ["weight", "bias", "running_mean", "running_var"] {
      #expect(tensors["3.\(name)"]!.values == [0, 3, 1, 4, 2, 5])
    }
  }

  /// A layer that has nothing to store and leaves each feature by itself.
  private static let plain: [any Layer] = [
    ReLU(), Sigmoid(), Tanh(), LeakyReLU(), ELU(), Step(), Dropout(0.5), Flatten(),
    Normalization(mean: [1, 2, 3, 4, 5, 6], deviation: [1, 1, 1, 1, 1, 1]),
    Sequential {
      ReLU(); Dropout(0.1)
    },
    Residual(Tanh()), Residual(ReLU(), shortcut: Sigmoid(), activation: ReLU()), Residual(BatchNorm1D(6)),
  ]

  @Test(arguments: plain.indices) func layersThatKeepFeaturesApartAreFollowed(_ index: Int) throws {
    let tensors = try stored(
      Sequential {
        Flatten(); Self.plain[index]; Dense(6, 1, bias: false); Dense(1, 2)
      }, width: 2, height: 1, channels: 3, classes: 2)
    #expect(tensors["2.weight"]!.values == [0, 3, 1, 4, 2, 5])
  }

  /// What a batch norm holds for each feature moves along, also on the way round a sum.
  @Test func parametersInABranchMoveAlong() throws {
    let tensors = try stored(
      Sequential {
        Flatten(); Residual(BatchNorm1D(6)); Dense(6, 2)
      }, width: 2, height: 1, channels: 3, classes: 2)
    #expect(tensors["1.branch.weight"]!.values == [0, 3, 1, 4, 2, 5])
  }

  /// A sum with a dense layer's outputs counts as the picture that is carried beside it.
  @Test func aDenseBranchReadsThePictureAndKeepsItsOutputs() throws {
    let tensors = try stored(
      Sequential {
        Flatten(); Residual(Dense(6, 6)); Dense(6, 1); Dense(1, 2)
      }, width: 2, height: 1, channels: 3, classes: 2)
    #expect(tensors["1.branch.weight"]!.values.prefix(6) == [0, 18, 6, 24, 12, 30])
    #expect(tensors["1.branch.bias"]!.values == [0, 1, 2, 3, 4, 5])
    #expect(tensors["2.weight"]!.values == [0, 3, 1, 4, 2, 5])
  }

  /// Behind what mixes features everything is stored as it lies here.
  private static let mixing: [(layer: any Layer, features: Int)] = [
    (Softmax(), 6), (LogSoftmax(), 6),
    (
      Parallel {
        ReLU(); Tanh()
      }, 12
    ),
    (
      Sequential {
        ReLU(); Softmax()
      }, 6
    ),
  ]

  @Test(arguments: mixing.indices) func layersThatMixFeaturesEndTheOrder(_ index: Int) throws {
    let (layer, features) = Self.mixing[index]
    let tensors = try stored(
      Sequential {
        Flatten(); layer; BatchNorm1D(features); Dense(features, 1, bias: false); Dense(1, 2)
      }, width: 2, height: 1, channels: 3, classes: 2)
    let order = (0..<features).map { Float($0) }
    #expect(tensors["3.weight"]!.values == order)
    #expect(tensors["2.weight"]!.values == order)
  }

  /// Only the first dense layer sees the picture; a later one with as many inputs keeps its order.
  @Test func laterDenseLayersKeepTheirOrder() throws {
    let tensors = try stored(
      Sequential {
        Flatten(); Dense(6, 6); ReLU(); Dense(6, 1); Dense(1, 2)
      }, width: 2, height: 1, channels: 3, classes: 2)
    #expect(tensors["3.weight"]!.values == [0, 1, 2, 3, 4, 5])
    #expect(tensors["1.weight"]!.values.prefix(6) == [0, 18, 6, 24, 12, 30])
  }

  /// Sixteen outputs are read at a time: fewer, exactly as many and more come back where they were.
  @Test(arguments: [1, 15, 16, 17, 40]) func readingUndoesWriting(outputs: Int) throws {
    try expectSameAfterReading(
      Sequential {
        Conv2D(3, outputs, kernel: 3, padding: 1); ReLU(); Flatten(); Dense(outputs * 20, outputs); Dense(outputs, 2)
      }, width: 5, height: 4)
  }

  @Test(arguments: mixing.indices) func readingUndoesWritingBehindAMix(_ index: Int) throws {
    let (layer, features) = Self.mixing[index]
    try expectSameAfterReading(
      Sequential {
        Flatten(); Residual(Dense(6, 6)); layer; BatchNorm1D(features); Dense(features, 2)
      }, width: 2, height: 1)
  }

  private func expectSameAfterReading(_ network: Sequential, width: Int, height: Int) throws {
    let weights = Weights(WeightsLayout(network.namedParameters()), seed: 3)
    let model = LoadedModel(
      model: network, weights: weights, classes: ["a", "b"],
      preprocessing: Preprocessing(width: width, height: height),
      normalization: Normalization(mean: [0, 0, 0], deviation: [1, 1, 1]))
    let read = try withModelPath { path in
      try ModelFile.write(model, to: path)
      return try ModelFile.read(path)
    }
    for (before, after) in zip(weights.layout.entries, read.weights.layout.entries) {
      #expect(read.weights[after.parameter] == weights[before.parameter], "\(before.name)")
    }
  }
}
