/// The binary files of CIFAR-10 and CIFAR-100: records of a label, of CIFAR-100 two, and 3072 bytes, the red, green and
/// blue planes of 32x32 pixels.
struct CIFARReader {
  private static let side = 32
  private static let planeBytes = side * side

  /// What differs between the two sets.
  private enum Form {
    case ten, hundred

    /// CIFAR-100 has a coarse label before the fine one.
    var labelBytes: Int { self == .ten ? 1 : 2 }
    var recordBytes: Int { labelBytes + 3 * planeBytes }
    var classes: Int { self == .ten ? 10 : 100 }
    var names: String { self == .ten ? "batches.meta.txt" : "fine_label_names.txt" }
    var test: String { self == .ten ? "test_batch.bin" : "test.bin" }
    var kind: Dataset.Kind { self == .ten ? .cifar10 : .cifar100 }
  }

  private let path: String
  private let form: Form
  private let batches: [FolderListing.Entry]
  private let test: FolderListing.Entry?
  private let names: FolderListing.Entry?

  /// `nil` where the folder holds no files of the kind.
  init?(_ path: String, _ listing: FolderListing) {
    let numbered = listing.entries.compactMap { entry -> (number: Int, entry: FolderListing.Entry)? in
      guard entry.name.hasPrefix("data_batch_"), entry.name.hasSuffix(".bin") else { return nil }
      return Int(entry.name.dropFirst(11).dropLast(4)).map { ($0, entry) }
    }
    let hundred = listing.folders.isEmpty ? listing.entries.filter { $0.name == "train.bin" } : []
    guard !numbered.isEmpty || !hundred.isEmpty else { return nil }
    let form: Form = numbered.isEmpty ? .hundred : .ten
    (self.path, self.form) = (path, form)
    batches = form == .hundred ? hundred : numbered.sorted { $0.number < $1.number }.map(\.entry)
    test = listing.entries.first { $0.name == form.test }
    names = listing.entries.first { $0.name == form.names }
  }

  func open(_ splitter: Splitter) throws(DatasetError) -> Dataset {
    let classes = try classNames()
    var parts: [[Dataset.Item]] = []
    for batch in batches { try parts.append(items(batch, classes)) }
    var warnings: [String] = []
    var splits: [Split: [Dataset.Item]]
    if let test {
      var fractions = splitter.fractions
      fractions.test = 0
      splits = Splitter(seed: splitter.seed, fractions: fractions).divide(parts.flatMap { $0 })
      splits[.test] = try items(test, classes)
    } else if parts.count > 1 {
      splits = [.validation: parts.removeLast(), .train: parts.flatMap { $0 }, .test: []]
      warnings.append("there is no \(form.test); '\(batches[batches.count - 1].name)' serves for validation")
    } else {
      splits = splitter.divide(parts[0])
    }
    return Dataset(path: path, kind: form.kind, classes: classes, splits: splits, warnings: warnings)
  }

  private func classNames() throws(DatasetError) -> [String] {
    guard let names else { return (0..<form.classes).map(String.init) }
    let text = String(decoding: try BinaryFile.read(names), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).map { $0.filter { !$0.isWhitespace } }.filter { !$0.isEmpty }
    guard lines.count >= 2 else {
      throw DatasetError(.damagedFile(expected: "a name on each line", found: "\(lines.count) names"), path: names.path)
    }
    return lines
  }

  private func items(_ entry: FolderListing.Entry, _ classes: [String]) throws(DatasetError) -> [Dataset.Item] {
    let file = try BinaryFile.read(entry)
    guard !file.isEmpty, file.count.isMultiple(of: form.recordBytes) else {
      throw DatasetError(
        .damagedFile(expected: "records of \(form.recordBytes) bytes", found: "\(file.count) bytes"), path: entry.path)
    }
    let count = file.count / form.recordBytes
    let labels = (0..<count).map { Int(file[$0 * form.recordBytes + form.labelBytes - 1]) }
    if let wrong = labels.firstIndex(where: { $0 >= classes.count }) {
      throw DatasetError(
        .damagedFile(
          expected: "labels below \(classes.count)", found: "the label \(labels[wrong]) in record \(wrong)"),
        path: entry.path)
    }
    let records = PixelRecords(
      width: Self.side, height: Self.side, channels: 3, bytes: interleaved(file, count: count))
    let stem = entry.name.dropLast(4)
    return labels.enumerated().map { index, label in
      Dataset.Item(identity: "\(stem)/\(index)", label: label, location: .record(records, index: index))
    }
  }

  private func interleaved(_ file: [UInt8], count: Int) -> [UInt8] {
    let (planeBytes, form) = (Self.planeBytes, form)
    return [UInt8](unsafeUninitializedCapacity: count * 3 * planeBytes) { output, used in
      used = count * 3 * planeBytes
      file.withUnsafeBufferPointer { input in
        var target = output.baseAddress!
        for record in 0..<count {
          let planes = input.baseAddress! + record * form.recordBytes + form.labelBytes
          for pixel in 0..<planeBytes {
            target[0] = planes[pixel]
            target[1] = planes[planeBytes + pixel]
            target[2] = planes[2 * planeBytes + pixel]
            target += 3
          }
        }
      }
    }
  }
}
