import NunchiLayers

extension ModelPreset {
  /// Four convolutions with batch norm, two of which halve the image by their stride, two pools, two dense layers.
  public static let vgg6 = ModelPreset(
    "vgg6", "4 convolutions with batch norm and 2 dense layers, for 224x224 photographs", size: 224, channels: 3,
    classes: 2, small: (32, 1.0 / 16)
  ) { options in
    let (a, b, c) = (options.scaled(32), options.scaled(64), options.scaled(128))
    let convolutions: [any Layer] = [
      gentleConvolution(options.channels, a, stride: 2, padding: 1), BatchNorm2D(a), ReLU(),
      gentleConvolution(a, b, padding: 1), BatchNorm2D(b), ReLU(), MaxPool2D(2),
      gentleConvolution(b, c, stride: 2, padding: 1), BatchNorm2D(c), ReLU(),
      gentleConvolution(c, c, stride: 2, padding: 1), BatchNorm2D(c), ReLU(), MaxPool2D(2),
      Flatten(),
    ]
    let hidden = options.scaled(512)
    return numbered(
      convolutions + [
        gentleDense(try options.features(convolutions), hidden), ReLU(), gentleDense(hidden, options.classes),
      ], dropout: options.dropout)
  }
}
