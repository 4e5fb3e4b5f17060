import NunchiLayers

extension ModelPreset {
  /// CIFAR's ResNet-20: three stages of three residual blocks with 16, 32 and 64 channels, 1x1 projections where a
  /// stage begins.
  public static let resnet20 = ModelPreset(
    "resnet20", "residual network of 20 layers, for 32x32 photographs", size: 32, channels: 3, classes: 10,
    small: (8, 0.125)
  ) { options in
    let (a, b, c) = (options.scaled(16), options.scaled(32), options.scaled(64))
    var layers: [any Layer] = [convNorm(options.channels, a, relu: true)]
    for (inputs, outputs, stride) in [(a, a, 1), (a, b, 2), (b, c, 2)] {
      layers += [cifarBlock(inputs, outputs, stride), cifarBlock(outputs, outputs, 1), cifarBlock(outputs, outputs, 1)]
    }
    return numbered(layers + [GlobalAveragePool(), Flatten(), head(c, options.classes)], dropout: options.dropout)
  }

  /// ResNet-18, under torchvision's names.
  public static let resnet18 = ModelPreset(
    "resnet18", "residual network of 18 layers, for 224x224 photographs", size: 224, channels: 3, classes: 1000,
    small: (32, 1.0 / 32)
  ) { options in
    let widths = [64, 128, 256, 512].map(options.scaled)
    var layers: [NamedLayer] = [
      ("conv1", Conv2D(options.channels, widths[0], kernel: 7, stride: 2, padding: 3, bias: false)),
      ("bn1", BatchNorm2D(widths[0])), ("relu", ReLU()), ("maxpool", MaxPool2D(3, stride: 2, padding: 1)),
    ]
    for (stage, outputs) in widths.enumerated() {
      let inputs = widths[max(stage - 1, 0)]
      let first = basicBlock(inputs, outputs, stride: stage == 0 ? 1 : 2)
      layers.append(
        (
          "layer\(stage + 1)",
          Sequential {
            first; basicBlock(outputs, outputs, stride: 1)
          }
        ))
    }
    layers += [("avgpool", GlobalAveragePool()), ("flatten", Flatten())]
    if let dropout = options.dropout, dropout > 0 { layers.append(("dropout", Dropout(dropout))) }
    return Sequential(named: layers + [("fc", head(widths[3], options.classes))])
  }
}

/// A convolution without bias and its batch norm; a 3x3 one keeps the size of the image at stride 1.
private func convNorm(_ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1, relu: Bool = false) -> Sequential
{
  Sequential {
    Conv2D(
      inputs, outputs, kernel: WindowSize(kernel), stride: WindowSize(stride), padding: .symmetric(kernel / 2),
      bias: false)
    BatchNorm2D(outputs)
    if relu { ReLU() }
  }
}

/// Two convolutions `a` and `b` beside the identity, or beside the projection `skip` where the shape changes.
private func cifarBlock(_ inputs: Int, _ outputs: Int, _ stride: Int) -> Residual {
  let branch = Sequential(named: [
    ("a", convNorm(inputs, outputs, stride: stride, relu: true)), ("b", convNorm(outputs, outputs)),
  ])
  let projects = stride != 1 || inputs != outputs
  return Residual(
    branch, shortcut: projects ? convNorm(inputs, outputs, kernel: 1, stride: stride) : nil, activation: ReLU(),
    names: ("", "skip", "relu"))
}

/// torchvision's block: conv1, bn1, ReLU, conv2, bn2 beside the identity or the projection `downsample`.
private func basicBlock(_ inputs: Int, _ outputs: Int, stride: Int) -> Residual {
  let branch = Sequential(named: [
    ("conv1", Conv2D(inputs, outputs, kernel: 3, stride: WindowSize(stride), padding: 1, bias: false)),
    ("bn1", BatchNorm2D(outputs)), ("relu1", ReLU()),
    ("conv2", Conv2D(outputs, outputs, kernel: 3, padding: 1, bias: false)), ("bn2", BatchNorm2D(outputs)),
  ])
  let projects = stride != 1 || inputs != outputs
  return Residual(
    branch, shortcut: projects ? convNorm(inputs, outputs, kernel: 1, stride: stride) : nil, activation: ReLU(),
    names: ("", "downsample", "relu"))
}
