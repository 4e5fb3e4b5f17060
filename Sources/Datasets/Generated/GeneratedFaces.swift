#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif
import NunchiImages
import NunchiTensors

/// Drawn faces with and without masks: data to try the whole way on, without a download and without anyone's photograph.
///
/// `Mask` is a mask over mouth and nose. A mask under the nose or on the chin, a hand, a cup or a phone before the mouth, a
/// scarf round the neck and a beard are `Non Mask`. Everything else has the same distribution in both classes: people,
/// clothes, backgrounds, light and camera, a second mask on the forehead or hanging from an ear, things held; and clothes,
/// hats, scarves and walls have the masks' colours and prints. What tells the classes apart is mouth and nose alone.
public enum GeneratedFaces {
  /// The names of the classes, as they are written.
  public static let classes = ["Mask", "Non Mask"]

  /// The files that `write` makes.
  public enum Format: String, Sendable, Hashable, CaseIterable {
    case jpeg = "jpg"
    case png = "png"
  }

  /// The class of the face with this number: they take turns.
  public static func label(_ index: Int) -> Int { index & 1 }

  /// The face with this number: a pure function of seed, number and size.
  public static func image(seed: UInt64, index: Int, size: Int = 160) -> Image {
    precondition(index >= 0 && size > 0, "a face has a number from 0 and a positive size, got \(index) and \(size)")
    var drawing = drawing(seed, index, size)
    return drawing.draw()
  }

  /// The same face with one gray over all that lies below the eyes: what is left must not tell the classes apart.
  package static func imageWithoutMouth(seed: UInt64, index: Int, size: Int) -> Image {
    var drawing = drawing(seed, index, size)
    return drawing.draw(isMouthHidden: true)
  }

  private static func drawing(_ seed: UInt64, _ index: Int, _ size: Int) -> FaceDrawing {
    FaceDrawing(seed: seed, index: index, size: size, isMasked: label(index) == 0)
  }

  /// The split of the face with this number among `count`: 70 % training, 15 % validation, the rest test; both classes
  /// equally.
  public static func split(_ index: Int, of count: Int) -> Split {
    let pairs = (count + 1) / 2
    let held = pairs < 3 ? 0 : max(1, (pairs * 15 + 50) / 100)
    let pair = index / 2
    return pair < pairs - 2 * held ? .train : pair < pairs - held ? .validation : .test
  }

  /// The faces as a data set in memory.
  public static func dataset(count: Int, seed: UInt64 = 0, size: Int = 160, threads: Int = 2) -> Dataset {
    let images = UnsafeMutableBufferPointer<Image?>.allocate(capacity: count)
    images.initialize(repeating: nil)
    defer {
      images.deinitialize()
      images.deallocate()
    }
    nonisolated(unsafe) let slots = images
    forEach(count, threads) { slots[$0] = image(seed: seed, index: $0, size: size) }
    func part(_ split: Split) -> [(image: Image, label: Int)] {
      (0..<count).filter { Self.split($0, of: count) == split }.map { (images[$0]!, label($0)) }
    }
    return Dataset(classes: classes, train: part(.train), validation: part(.validation), test: part(.test))
  }

  /// Writes `Train`, `Validation` and `Test` with a folder for each class into `folder`, which must be new or empty.
  public static func write(
    to folder: String, count: Int, seed: UInt64 = 0, size: Int = 160, format: Format = .jpeg, threads: Int = 2
  ) throws(DatasetError) {
    precondition(count >= 0, "a number of faces is not negative, got \(count)")
    try makeFolder(folder)
    guard try FolderListing(folder).entries.isEmpty else { throw DatasetError(.notEmpty, path: folder) }
    for split in Split.allCases {
      try makeFolder(folder + "/" + split.folderName)
      for name in classes { try makeFolder(folder + "/" + split.folderName + "/" + name) }
    }
    let monitor = Monitor()
    nonisolated(unsafe) var failure: ImageError?
    forEach(count, threads) { index in
      let number = String(index)
      let name = "face-" + String(repeating: "0", count: max(0, 5 - number.count)) + number
      let split = Self.split(index, of: count).folderName
      let path = "\(folder)/\(split)/\(classes[label(index)])/\(name).\(format.rawValue)"
      do throws(ImageError) {
        try image(seed: seed, index: index, size: size).write(to: path)
      } catch {
        monitor.locked { failure = error }
      }
    }
    if let failure { throw DatasetError(.file(failure.found), path: failure.source) }
  }

  private static func makeFolder(_ path: String) throws(DatasetError) {
    guard mkdir(path, 0o777) == 0 || errno == EEXIST else {
      throw DatasetError(.file(String(cString: strerror(errno))), path: path)
    }
  }

  /// Calls `body` for 0..<`count` on this thread and `threads - 1` others.
  private static func forEach(_ count: Int, _ threads: Int, _ body: @escaping @Sendable (Int) -> Void) {
    let monitor = Monitor()
    nonisolated(unsafe) var next = 0
    let work: @Sendable (Int) -> Void = { _ in
      while true {
        let index = monitor.locked {
          defer { next += 1 }
          return next
        }
        if index >= count { return }
        body(index)
      }
    }
    let others = Threads(min(threads, count) - 1, work)
    work(0)
    others.join()
  }
}

extension Split {
  /// The folder that `GeneratedFaces` writes.
  var folderName: String {
    switch self {
    case .train: "Train"
    case .validation: "Validation"
    case .test: "Test"
    }
  }
}
