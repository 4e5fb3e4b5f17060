import NunchiLayers

extension ModelPreset {
  /// AlexNet in its one-column form, under torchvision's names. At other sizes than 224 the dense part takes what the
  /// convolutions give instead of averaging it to 6x6.
  public static let alexnet = ModelPreset(
    "alexnet", "5 convolutions and 3 dense layers with dropout 0.5, for 224x224 photographs", size: 224, channels: 3,
    classes: 1000, small: (64, 1.0 / 32)
  ) { options in
    let (a, b, c) = (options.scaled(64), options.scaled(192), options.scaled(384))
    let (d, hidden) = (options.scaled(256), options.scaled(4096))
    let features: [any Layer] = [
      Conv2D(options.channels, a, kernel: 11, stride: 4, padding: 2), ReLU(), MaxPool2D(3, stride: 2),
      Conv2D(a, b, kernel: 5, padding: 2), ReLU(), MaxPool2D(3, stride: 2),
      Conv2D(b, c, kernel: 3, padding: 1), ReLU(),
      Conv2D(c, d, kernel: 3, padding: 1), ReLU(),
      Conv2D(d, d, kernel: 3, padding: 1), ReLU(), MaxPool2D(3, stride: 2),
    ]
    let inputs = try options.features(features + [Flatten()])
    let rate = options.dropout ?? 0.5
    let classifier = Sequential {
      Dropout(rate); Dense(inputs, hidden); ReLU()
      Dropout(rate); Dense(hidden, hidden); ReLU()
      head(hidden, options.classes)
    }
    return Sequential(named: [
      ("features", Sequential(features)), ("flatten", Flatten()), ("classifier", classifier),
    ])
  }
}
