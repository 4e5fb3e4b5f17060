import NunchiImages
import NunchiSystem
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

  /// How hard the faces are to tell apart.
  public enum Difficulty: String, Sendable, Hashable, CaseIterable {
    /// Portraits, most of them as plain as on a pass; a thousand are enough to learn from.
    case easy
    /// Also small, turned, dim and blurred faces anywhere in the picture; masks worn wrongly and things before the mouth
    /// are common.
    case hard
  }

  /// The class of the face with this number: they take turns.
  public static func label(_ index: Int) -> Int { index & 1 }

  /// The face with this number: a pure function of seed, number, size and difficulty.
  public static func image(seed: UInt64, index: Int, size: Int = 160, difficulty: Difficulty = .easy) -> Image {
    var drawing = drawing(seed, index, size, difficulty, label(index))
    return drawing.draw()
  }

  /// The same face as it were in the class `label`, with one gray over all that lies below the eyes. It does not depend
  /// on the class: what tells the classes apart is hidden.
  package static func imageWithoutMouth(
    seed: UInt64, index: Int, size: Int, difficulty: Difficulty, label: Int
  ) -> Image {
    var drawing = drawing(seed, index, size, difficulty, label)
    return drawing.draw(isMouthHidden: true)
  }

  private static func drawing(
    _ seed: UInt64, _ index: Int, _ size: Int, _ difficulty: Difficulty, _ label: Int
  ) -> FaceDrawing {
    precondition(index >= 0 && size > 0, "a face has a number from 0 and a positive size, got \(index) and \(size)")
    return FaceDrawing(seed: seed, index: index, size: size, variety: FaceVariety(difficulty), isMasked: label == 0)
  }

  /// The split of the face with this number among `count`: 70 % training, 15 % validation, the rest test; both classes
  /// equally.
  public static func split(_ index: Int, of count: Int) -> Split {
    GeneratedFolder.split(index, of: count, classes: classes.count)
  }

  /// The faces as a data set in memory.
  public static func dataset(
    count: Int, seed: UInt64 = 0, size: Int = 160, difficulty: Difficulty = .easy, threads: Int = 2
  ) -> Dataset {
    let images = UnsafeMutableBufferPointer<Image?>.allocate(capacity: count)
    images.initialize(repeating: nil)
    defer {
      images.deinitialize()
      images.deallocate()
    }
    nonisolated(unsafe) let slots = images
    Pass(count: count, threads: threads).run {
      slots[$0] = image(seed: seed, index: $0, size: size, difficulty: difficulty)
    }
    func part(_ split: Split) -> [(image: Image, label: Int)] {
      (0..<count).filter { Self.split($0, of: count) == split }.map { (images[$0]!, label($0)) }
    }
    return Dataset(classes: classes, train: part(.train), validation: part(.validation), test: part(.test))
  }

  /// Writes `Train`, `Validation` and `Test` with a folder for each class into `folder`, which must be new or empty. The
  /// quality of JPEG files varies. The folder holds everything afterwards, or what it held before.
  ///
  /// - Parameter isStopped: asked after each face; `true` ends the writing.
  /// - Returns: `false` where it was stopped.
  @discardableResult
  package static func write(
    to folder: String, count: Int, seed: UInt64 = 0, size: Int = 160, difficulty: Difficulty = .easy,
    format: GeneratedFolder.Format = .jpeg,
    threads: Int = 2, isStopped: @escaping @Sendable () -> Bool = { false }
  ) throws(DatasetError) -> Bool {
    let target = GeneratedFolder(folder, classes: classes, of: "face", count: count, format: format, label: label)
    return try target.write(threads: threads, isStopped: isStopped) { (index) throws(ImageError) in
      var drawing = drawing(seed, index, size, difficulty, label(index))
      return try format.encode(drawing.draw(), quality: drawing.quality)
    }
  }
}
