import DownloadFixtures
import Foundation
import NunchiDatasets
import NunchiImages
import Testing

/// Against array files that are shorter, longer or other than they say.
@Suite struct ArrayFileTests {
  private func be32(_ value: Int) -> [UInt8] { (0..<4).map { UInt8(value >> (24 - 8 * $0) & 255) } }

  private func idx(_ extents: [Int], _ bytes: [UInt8]) -> [UInt8] {
    [0, 0, 8, UInt8(extents.count)] + extents.flatMap(be32) + bytes
  }

  private func gzip(_ bytes: [UInt8]) -> [UInt8] { ZipBuilder.gzip(bytes) }

  private func pixels(_ count: Int) -> [UInt8] { (0..<count).map { UInt8($0 % 251) } }

  private func writeMNIST(_ folder: TemporaryFolder, zipped: Bool) throws {
    let ending = zipped ? ".gz" : ""
    let form = { (bytes: [UInt8]) in zipped ? self.gzip(bytes) : bytes }
    try folder.write(form(idx([20, 4, 3], pixels(240))), "train-images-idx3-ubyte" + ending)
    try folder.write(form(idx([20], (0..<20).map { $0 % 2 })), "train-labels-idx1-ubyte" + ending)
    try folder.write(form(idx([2, 4, 3], pixels(24))), "t10k-images-idx3-ubyte" + ending)
    try folder.write(form(idx([2], [1, 2])), "t10k-labels-idx1-ubyte" + ending)
  }

  @Test(arguments: [false, true]) func mnist(zipped: Bool) throws {
    let folder = try TemporaryFolder()
    try writeMNIST(folder, zipped: zipped)
    let dataset = try Dataset.open(path: folder.path)
    #expect(dataset.kind == .idx)
    #expect(dataset.classes == ["0", "1", "2"])
    #expect(dataset.counts(.train) == [8, 8, 0])
    #expect(dataset.counts(.validation) == [2, 2, 0])
    #expect(dataset.items(.test).map(\.label) == [1, 2])
    let image = try dataset.load(dataset.items(.test)[1])
    #expect(image == Image(width: 3, height: 4, channels: 1, bytes: Array(pixels(24)[12...])))
  }

  private func reason(_ folder: TemporaryFolder) -> DatasetError.Reason? {
    do throws(DatasetError) {
      _ = try Dataset.open(path: folder.path)
      return nil
    } catch {
      return error.reason
    }
  }

  private func isDamaged(_ folder: TemporaryFolder) -> Bool {
    if case .damagedFile = reason(folder) { true } else { false }
  }

  @Test func wrongIDXIsRefused() throws {
    let folder = try TemporaryFolder()
    try writeMNIST(folder, zipped: false)
    let images = "train-images-idx3-ubyte"
    for wrong in [
      idx([20, 4, 3], pixels(239)), idx([20, 4, 3], pixels(241)), idx([19, 4, 3], pixels(228)), idx([240], pixels(240)),
      [], [0, 0, 8], [0, 0, 13, 3] + be32(20) + be32(4) + be32(3) + pixels(240),
      idx([1 << 31, 1 << 31, 1 << 31], []), idx([0, 4, 3], []),
    ] {
      try folder.write(wrong, images)
      #expect(isDamaged(folder), "\(wrong.prefix(20))")
    }
    try folder.write(idx([20, 4, 3], pixels(240)), images)
    #expect(reason(folder) == nil)
    try FileManager.default.removeItem(atPath: folder.path + "/train-labels-idx1-ubyte")
    #expect(reason(folder) == .missing)
    try FileManager.default.removeItem(atPath: folder.path + "/" + images)
    #expect(reason(folder) == .noTrainingSplit(found: ["t10k-images-idx3-ubyte"]))
  }

  @Test func brokenGzipIsRefusedAtEveryLength() throws {
    let folder = try TemporaryFolder()
    try writeMNIST(folder, zipped: true)
    let whole = gzip(idx([2], [1, 2]))
    for count in 0..<whole.count {
      try folder.write(Array(whole.prefix(count)), "t10k-labels-idx1-ubyte.gz")
      #expect(isDamaged(folder), "\(count) of \(whole.count) bytes")
    }
    var flipped = whole
    flipped[whole.count - 8] ^= 1
    try folder.write(flipped, "t10k-labels-idx1-ubyte.gz")
    #expect(isDamaged(folder))
  }

  // MARK: - CIFAR-10

  private func records(_ labels: [UInt8]) -> [UInt8] {
    var bytes: [UInt8] = []
    for label in labels {
      bytes.append(label)
      for plane in 0..<3 {
        for pixel in 0..<1024 { bytes.append(UInt8((pixel + plane * 50 + Int(label)) % 256)) }
      }
    }
    return bytes
  }

  @Test func cifarWithAndWithoutATestBatch() throws {
    let folder = try TemporaryFolder()
    for batch in [1, 2, 10] { try folder.write(records([1, 0, UInt8(batch % 10)]), "data_batch_\(batch).bin") }
    var dataset = try Dataset.open(path: folder.path)
    #expect(dataset.kind == .cifar10)
    #expect(dataset.classes.count == 10)
    #expect(dataset.items(.train).map(\.identity).prefix(2) == ["data_batch_1/0", "data_batch_1/1"])
    #expect(dataset.items(.validation).map(\.identity).first == "data_batch_10/0")
    #expect(dataset.items(.test).isEmpty)
    let image = try dataset.load(dataset.items(.train)[0])
    #expect(image.width == 32 && image[5, 1] == [38, 88, 138])
    try folder.write(records([3, 4]), "test_batch.bin")
    try folder.write(Array("air plane\nbird\ncat\ndeer\ndog\n\n".utf8), "batches.meta.txt")
    dataset = try Dataset.open(path: folder.path)
    #expect(dataset.classes == ["airplane", "bird", "cat", "deer", "dog"])
    #expect(dataset.items(.test).map(\.label) == [3, 4])
    #expect(dataset.items(.train).count + dataset.items(.validation).count == 9)
  }

  @Test func fineLabelsOfCIFAR100() throws {
    let folder = try TemporaryFolder()
    // The coarse label comes before the fine one.
    func coarse(_ labels: [UInt8]) -> [UInt8] { labels.flatMap { [0] + records([$0]) } }
    try folder.write(coarse((0..<20).map { $0 % 2 + 98 }), "train.bin")
    try folder.write(coarse([99]), "test.bin")
    var dataset = try Dataset.open(path: folder.path)
    #expect(dataset.kind == .cifar100 && dataset.classes.count == 100)
    #expect(dataset.counts(.train)[98...] == [8, 8] && dataset.counts(.test)[99] == 1)
    #expect(try dataset.load(dataset.items(.test)[0])[5, 1] == [136, 186, 236])
    let names = (0..<100).map { "name \($0)" }
    try folder.write(Array(names.joined(separator: "\n").utf8), "fine_label_names.txt")
    dataset = try Dataset.open(path: folder.path)
    #expect(dataset.classes[99] == "name99")
    try folder.write(coarse([100]), "test.bin")
    #expect(isDamaged(folder))
  }

  @Test func wrongCIFARIsRefused() throws {
    let folder = try TemporaryFolder()
    for wrong in [[], Array(records([1, 2]).dropLast()), records([1, 2]) + [0], records([1, 10])] {
      try folder.write(wrong, "data_batch_1.bin")
      #expect(isDamaged(folder))
    }
  }

  /// Real files, where the environment says that they are there.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["NUNCHI_DATA"] != nil, "NUNCHI_DATA names no data folder"))
  func realFiles() throws {
    let data = ProcessInfo.processInfo.environment["NUNCHI_DATA"] ?? ""
    let mnist = try Dataset.open(path: data + "/mnist")
    #expect(mnist.items(.train).count + mnist.items(.validation).count == 60_000)
    #expect(mnist.counts(.test) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
    let cifar = try Dataset.open(path: data + "/cifar10")
    #expect(cifar.items(.train).count == 30_000 && cifar.items(.validation).count == 10_000)
    let masks = try Dataset.open(path: data + "/masks")
    #expect(masks.counts(.train) == [300, 300] && masks.skipped.isEmpty)
  }
}
