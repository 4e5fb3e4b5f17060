import NunchiImages

/// What a part of a data set is for.
public enum Split: String, Sendable, Hashable, CaseIterable {
  /// What is learned from.
  case train
  /// What the epoch is chosen by.
  case validation
  /// What the result is measured on.
  case test

  /// As in "test pictures".
  package var adjective: String {
    switch self {
    case .train: "training"
    case .validation: "validation"
    case .test: "test"
    }
  }
}

/// A file that was left out, and why.
public struct SkippedFile: Sendable, Hashable {
  /// The path relative to the data set.
  public let path: String
  /// Why it was left out.
  public let reason: String

  /// A file with the reason why it was left out.
  public init(path: String, reason: String) {
    self.path = path
    self.reason = reason
  }
}

/// Labelled images in splits. Opening one reads names and first bytes; pixels are read on demand and nothing is changed.
public struct Dataset: Sendable {
  /// What the images were read from.
  package enum Kind: String, Sendable, Hashable {
    case folders, manifest, zip, archive, idx, cifar10, cifar100, memory
  }

  /// One labelled image.
  public struct Item: Sendable {
    /// The path relative to the data set with `/` between its parts, in Unicode's NFC; unique in the data set.
    public let identity: String
    /// The index of its class.
    public let label: Int
    package let location: Location

    package init(identity: String, label: Int, location: Location) {
      self.identity = identity
      self.label = label
      self.location = location
    }
  }

  /// Where the pixels of an item are.
  package enum Location: Sendable {
    case file(path: String)
    case member(ZipArchive, index: Int)
    case record(PixelRecords, index: Int)
  }

  /// The path that was opened; empty for images in memory.
  public let path: String
  package let kind: Kind
  /// The names of the classes; a label is an index here.
  public let classes: [String]
  /// Sentences for the user about what is odd but usable.
  public let warnings: [String]
  /// Files that were found and left out when the data set was opened.
  public let skipped: [SkippedFile]
  private let splits: [Split: [Item]]

  package init(
    path: String, kind: Kind, classes: [String], splits: [Split: [Item]], warnings: [String] = [],
    skipped: [SkippedFile] = []
  ) {
    self.path = path
    self.kind = kind
    self.classes = classes
    self.splits = splits
    self.warnings = warnings
    self.skipped = skipped
  }

  /// The images of one split in a fixed order; empty where there is no such split.
  public func items(_ split: Split) -> [Item] { splits[split] ?? [] }

  /// How many images each class has in the split.
  public func counts(_ split: Split) -> [Int] {
    var counts = [Int](repeating: 0, count: classes.count)
    for item in items(split) { counts[item.label] += 1 }
    return counts
  }

  /// The file of an item as it lies on the disk or in an archive; `nil` where its pixels are in memory.
  package func fileBytes(_ item: Item) throws(ImageError) -> [UInt8]? {
    try item.location.fileBytes()
  }

  /// The picture of an item, upright and at its own size.
  public func load(_ item: Item, decoder: ImageDecoder = ImageDecoder()) throws(ImageError) -> Image {
    try Self.load(item, decoder, for: nil)
  }

  /// - Parameter preprocessing: what the picture is read for, where that is known: it may then come at a reduced scale.
  static func load(
    _ item: Item, _ decoder: ImageDecoder, for preprocessing: Preprocessing?
  ) throws(ImageError) -> Image {
    switch item.location {
    case .file(let path): try decoder.decode(path: path, for: preprocessing)
    case .member(let archive, let index): try decoder.decode(archive, index, for: preprocessing)
    case .record(let records, let index): records.image(index)
    }
  }
}

extension Dataset {
  /// Images in memory, all of one shape, as a data set.
  public init(
    classes: [String], train: [(image: Image, label: Int)], validation: [(image: Image, label: Int)] = [],
    test: [(image: Image, label: Int)] = []
  ) {
    func items(_ split: Split, _ pairs: [(image: Image, label: Int)]) -> [Item] {
      guard let first = pairs.first?.image else { return [] }
      let records = PixelRecords(
        width: first.width, height: first.height, channels: first.channels, bytes: pairs.flatMap(\.image.bytes))
      return pairs.enumerated().map { index, pair in
        precondition(
          pair.image.width == first.width && pair.image.height == first.height
            && pair.image.channels == first.channels, "images in memory share one shape")
        precondition(classes.indices.contains(pair.label), "label \(pair.label) of \(classes.count) classes")
        return Item(
          identity: "\(split.rawValue)/\(index)", label: pair.label, location: .record(records, index: index))
      }
    }
    self.init(
      path: "", kind: .memory, classes: classes,
      splits: [.train: items(.train, train), .validation: items(.validation, validation), .test: items(.test, test)])
  }
}

/// Decoded images of one shape, one after another.
package final class PixelRecords: Sendable {
  package let width: Int
  package let height: Int
  package let channels: Int
  package let bytes: [UInt8]

  package init(width: Int, height: Int, channels: Int, bytes: [UInt8]) {
    self.width = width
    self.height = height
    self.channels = channels
    self.bytes = bytes
  }

  package var imageBytes: Int { width * height * channels }
  package var count: Int { bytes.count / imageBytes }

  package func image(_ index: Int) -> Image {
    let start = index * imageBytes
    return Image(width: width, height: height, channels: channels, bytes: Array(bytes[start..<start + imageBytes]))
  }
}
