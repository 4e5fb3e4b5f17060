import NunchiLayers

extension ModelPreset {
  /// A multilayer perceptron: pixels-50-100-classes.
  public static let mlp = ModelPreset(
    "mlp", "multilayer perceptron with 50 and 100 hidden units, for 28x28 digits", size: 28, channels: 1, classes: 10,
    small: (5, 0.1)
  ) { options in
    let (a, b) = (options.scaled(50), options.scaled(100))
    return numbered(
      [
        Flatten(), gentleDense(options.size * options.size * options.channels, a), ReLU(), gentleDense(a, b), ReLU(),
        gentleDense(b, options.classes),
      ], dropout: options.dropout)
  }

  /// One convolution of 30 channels, a pool and a hidden layer of 100 units.
  public static let simpleCNN = ModelPreset(
    "simple-cnn", "1 convolution (30 of 5x5), a pool and 2 dense layers, for 28x28 digits", size: 28, channels: 1,
    classes: 10, small: (8, 0.1)
  ) { options in
    let (a, b) = (options.scaled(30), options.scaled(100))
    let convolutions: [any Layer] = [
      gentleConvolution(options.channels, a, kernel: 5), ReLU(), MaxPool2D(2), Flatten(),
    ]
    return numbered(
      convolutions + [gentleDense(try options.features(convolutions), b), ReLU(), gentleDense(b, options.classes)],
      dropout: options.dropout)
  }

  /// Six 3x3 convolutions (16-16-32-32-64-64), three pools, a hidden layer of 50 units, dropout behind it and, as in
  /// the network's source, behind the logits too.
  public static let deepCNN = ModelPreset(
    "deep-cnn", "6 convolutions (16-16-32-32-64-64), 3 pools, 2 dense layers, dropout 0.5, for 28x28 digits", size: 28,
    channels: 1, classes: 10, small: (8, 0.125)
  ) { options in
    let (a, b, c) = (options.scaled(16), options.scaled(32), options.scaled(64))
    func conv(_ inputs: Int, _ outputs: Int, padding: Int = 1) -> [any Layer] {
      [gentleConvolution(inputs, outputs, padding: padding), ReLU()]
    }
    let first: [any Layer] = conv(options.channels, a) + conv(a, a) + [MaxPool2D(2)]
    let second: [any Layer] = conv(a, b) + conv(b, b, padding: 2) + [MaxPool2D(2)]
    let third: [any Layer] = conv(b, c) + conv(c, c) + [MaxPool2D(2), Flatten()]
    let convolutions = first + second + third
    let hidden = options.scaled(50)
    let dropout = options.dropout ?? 0.5
    return numbered(
      convolutions + [
        gentleDense(try options.features(convolutions), hidden), ReLU(), Dropout(dropout),
        gentleDense(hidden, options.classes), Dropout(dropout),
      ])
  }
}
