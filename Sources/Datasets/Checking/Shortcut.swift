import NunchiImages

/// How well the classes of a split are told apart by one thing that has nothing to do with what the pictures show.
package struct Shortcut: Sendable {
  package enum Feature: String, Sendable, Hashable, CaseIterable {
    /// Width / height.
    case aspect
    case width, height, format
    /// In bytes.
    case fileSize = "file_size"
    /// Red, green and blue over the whole picture.
    case meanColour = "mean_color"
  }

  package let feature: Feature
  /// `nil` where the data are not divided.
  package let split: Split?
  /// Of a small decision tree on held-out pictures: the mean of the shares of each class that it gets right.
  package let balancedAccuracy: Double
  /// The balanced accuracy of guessing.
  package let chance: Double
  /// The least balanced accuracy that is worth a warning.
  package let bound: Double

  package var isWarning: Bool { balancedAccuracy >= bound }
}

extension Shortcut {
  /// A class takes part with at least this many pictures: below, nothing can be said.
  private static let leastPictures = 10

  /// All features in all splits that have at least two classes of enough pictures.
  package static func all(_ examination: Examination) -> [Shortcut] {
    examination.splits.flatMap { split in
      let counts = examination.counts(split)
      let taking = counts.indices.filter { counts[$0] >= leastPictures }
      guard taking.count >= 2 else { return [Shortcut]() }
      let place = Dictionary(uniqueKeysWithValues: taking.enumerated().map { ($1, $0) })
      let pictures = examination.pictures.filter {
        $0.split == split && $0.pixels != nil && $0.label.map { place[$0] != nil } == true
      }
      let labels = pictures.map { place[$0.label!]! }
      return Feature.allCases.compactMap { feature in
        let rows = pictures.compactMap { feature.numbers($0) }
        guard rows.count == pictures.count else { return nil }
        return Shortcut(
          feature: feature, split: split,
          balancedAccuracy: FeatureTree.crossValidated(rows: rows, labels: labels, classes: taking.count),
          chance: 1 / Double(taking.count), bound: bound(taking.map { counts[$0] }))
      }
    }
  }

  /// Guessing among K classes is right with p = 1/K; the balanced accuracy of a guesser has the standard deviation
  /// √(Σ p(1 - p) / n) / K over classes of n pictures. A warning needs four of them above p, which a dozen tests together
  /// pass by chance once in thousands of data sets, and a fifth of the way from p to 1, below which no model gains much.
  private static func bound(_ counts: [Int]) -> Double {
    let chance = 1 / Double(counts.count)
    let variance = counts.reduce(0) { $0 + chance * (1 - chance) / Double($1) }
    let error = variance.squareRoot() / Double(counts.count)
    return chance + max(4 * error, (1 - chance) / 5)
  }
}

extension Shortcut.Feature {
  /// As columns for a tree; `nil` where the picture has no such thing.
  fileprivate func numbers(_ picture: CheckedPicture) -> [Double]? {
    guard let pixels = picture.pixels else { return nil }
    switch self {
    case .aspect: return [pixels.aspect]
    case .width: return [Double(pixels.width)]
    case .height: return [Double(pixels.height)]
    case .format: return picture.format.map { format in ImageFormat.allCases.map { $0 == format ? 1 : 0 } }
    case .fileSize: return picture.bytes.map { [Double($0)] }
    case .meanColour: return pixels.moments.mean
    }
  }

  /// In a sentence.
  package var words: String {
    switch self {
    case .aspect: "aspect ratio"
    case .width: "width"
    case .height: "height"
    case .format: "file format"
    case .fileSize: "file size"
    case .meanColour: "mean colour"
    }
  }

  /// Why it matters and what to do.
  package var advice: String {
    switch self {
    case .aspect:
      "a model can learn it from the distortion of squashed pictures (the default), and more easily from the bars of padded "
        + "ones; cropping hides it but cuts the edges off, and was no better where it was measured: collect pictures of every "
        + "shape for every class, and test on pictures whose shape is the other class's"
    case .width, .height:
      "the classes come from different sources, and how sharp a picture is gives it away: scale all pictures to one size "
        + "before training, the largest down to the smallest"
    case .format: "compression leaves traces in the pixels: save all pictures in one format, with one quality"
    case .fileSize: "sharpness or compression differ between the classes: save all pictures at one size and quality"
    case .meanColour:
      "where colour is not what tells the classes apart, light or camera differ between them: mix the sources of each "
        + "class, and train with --augment light"
    }
  }
}
