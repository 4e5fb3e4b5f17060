/// MNIST's files: `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and `t10k-…` for the test, plain or gzip.
///
/// An array file is a magic number (0, 0, 8 for bytes, the number of axes), the extent of each axis as a big-endian
/// 32-bit number, then the bytes.
struct IDXReader {
  private let path: String
  private let files: [String: FolderListing.Entry]

  /// `nil` where the folder holds no images of the kind.
  init?(_ path: String, _ listing: FolderListing) {
    var files: [String: FolderListing.Entry] = [:]
    for entry in listing.entries.reversed() {
      var name = entry.name
      if name.hasSuffix(".gz") { name.removeLast(3) }
      // Some copies spell the name with a dot.
      name = name.replacing(".idx", with: "-idx")
      files[name] = entry
    }
    guard files["train-images-idx3-ubyte"] != nil || files["t10k-images-idx3-ubyte"] != nil else { return nil }
    self.path = path
    self.files = files
  }

  func open(_ splitter: Splitter) throws(DatasetError) -> Dataset {
    guard files["train-images-idx3-ubyte"] != nil else {
      throw DatasetError(.noTrainingSplit(found: ["t10k-images-idx3-ubyte"]), path: path)
    }
    let training = try items("train")
    let test = files["t10k-images-idx3-ubyte"] == nil ? nil : try items("t10k")
    var fractions = splitter.fractions
    if test != nil { fractions.test = 0 }
    var splits = Splitter(seed: splitter.seed, fractions: fractions).divide(training)
    if let test { splits[.test] = test }
    let count = (training + (test ?? [])).reduce(0) { max($0, $1.label + 1) }
    guard count >= 2 else { throw DatasetError(.tooFewClasses(found: (0..<count).map(String.init)), path: path) }
    return Dataset(path: path, kind: .idx, classes: (0..<count).map(String.init), splits: splits)
  }

  private func items(_ part: String) throws(DatasetError) -> [Dataset.Item] {
    let images = try array(part + "-images-idx3-ubyte", axes: 3)
    let labels = try array(part + "-labels-idx1-ubyte", axes: 1)
    guard images.extents[0] == labels.extents[0] else {
      throw DatasetError(
        .damagedFile(expected: "\(images.extents[0]) labels, one an image", found: "\(labels.extents[0])"),
        path: labels.path)
    }
    let records = PixelRecords(
      width: images.extents[2], height: images.extents[1], channels: 1, bytes: images.bytes)
    return labels.bytes.enumerated().map { index, label in
      Dataset.Item(identity: "\(part)/\(index)", label: Int(label), location: .record(records, index: index))
    }
  }

  private func array(
    _ name: String, axes: Int
  ) throws(DatasetError) -> (path: String, extents: [Int], bytes: [UInt8]) {
    guard let entry = files[name] else { throw DatasetError(.missing, path: self.path + "/" + name) }
    let (path, file) = (entry.path, try BinaryFile.read(entry))
    let header = 4 + 4 * axes
    guard file.count >= header, file[0...3].elementsEqual([0, 0, 8, UInt8(axes)]) else {
      let start = file.prefix(4).map(String.init).joined(separator: " ")
      throw DatasetError(
        .damagedFile(expected: "an IDX file of bytes with \(axes) axes (0 0 8 \(axes))", found: "it begins \(start)"),
        path: path)
    }
    let extents = (0..<axes).map { axis in
      file[4 + 4 * axis..<8 + 4 * axis].reduce(0) { $0 << 8 | Int($1) }
    }
    let (count, overflow) = extents.reduce((1, false)) { product, extent in
      let (value, overflow) = product.0.multipliedReportingOverflow(by: extent)
      return (value, overflow || product.1)
    }
    guard !overflow, count > 0, file.count - header == count else {
      let size = extents.map(String.init).joined(separator: "x")
      throw DatasetError(
        .damagedFile(expected: "the bytes of \(size) after the header", found: "\(file.count - header) bytes"),
        path: path)
    }
    return (path, extents, Array(file[header...]))
  }
}
