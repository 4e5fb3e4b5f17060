import DownloadFixtures
import NunchiDatasets
import NunchiSystem

extension FuzzTarget {
  /// Labels and images as MNIST has them.
  static let idx = FuzzTarget(
    name: "idx",
    seeds: {
      let labels: [UInt8] = [0, 0, 8, 1, 0, 0, 0, 4, 0, 1, 1, 0]
      let images: [UInt8] = [0, 0, 8, 3, 0, 0, 0, 4, 0, 0, 0, 2, 0, 0, 0, 3] + (0..<24).map { UInt8($0 * 9) }
      return [
        Scratch.joined(labels, images), Scratch.joined(ZipBuilder.gzip(labels), ZipBuilder.gzip(images)),
      ]
    },
    body: { input in
      let (labels, images) = Scratch.halves(input)
      let folder = folder("idx")
      _ = Scratch.file("idx/train-labels-idx1-ubyte", labels)
      _ = Scratch.file("idx/train-images-idx3-ubyte", images)
      load(folder)
    })

  /// Names and records as CIFAR-10 has them, or as CIFAR-100 where the names begin with an odd byte.
  static let cifar = FuzzTarget(
    name: "cifar",
    seeds: {
      let record = (0..<3072).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      return [
        Scratch.joined(Array("bat\ncat\n".utf8), [0] + record + [1] + record),
        Scratch.joined(Array("cat\nbat\n".utf8), [9, 1] + record + [9, 0] + record),
      ]
    },
    body: { input in
      let (names, records) = Scratch.halves(input)
      let isHundred = names.first.map { $0 & 1 == 1 } ?? false
      let folder = folder(isHundred ? "cifar100" : "cifar10")
      let files = isHundred ? ("fine_label_names.txt", "train.bin") : ("batches.meta.txt", "data_batch_1.bin")
      _ = Scratch.file("\(isHundred ? "cifar100" : "cifar10")/\(files.0)", names)
      _ = Scratch.file("\(isHundred ? "cifar100" : "cifar10")/\(files.1)", records)
      load(folder)
    })

  private static func folder(_ name: String) -> String {
    let path = "\(Scratch.folder)/\(name)"
    mkdir(path, 0o700)
    return path
  }

  /// Opens a data set and reads some of its pictures.
  private static func load(_ path: String) {
    do throws(DatasetError) {
      let dataset = try Dataset.open(path: path, copies: nil)
      require(dataset.classes.count >= 2, "fewer than two classes")
      for split in Split.allCases {
        for item in dataset.items(split).prefix(20) {
          require(dataset.classes.indices.contains(item.label), "a label without a class")
          require((try? dataset.load(item))?.bytes.isEmpty == false, "no picture")
        }
      }
    } catch {
      require(!error.description.isEmpty, "an error without words")
    }
  }
}
