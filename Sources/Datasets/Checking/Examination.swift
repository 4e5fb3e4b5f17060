import NunchiImages
import NunchiSystem

/// A data set after every picture of it has been decoded once.
package struct Examination: Sendable {
  package let subject: CheckSubject
  /// In the order of the data set: split by split, then what was left out.
  package let pictures: [CheckedPicture]
  /// Whether all pictures were looked at.
  package let isComplete: Bool

  /// Decodes every picture. At any time each thread holds one picture; about 2 KiB stay of each.
  ///
  /// - Parameters:
  ///   - progress: how many have been looked at; called on the caller's thread.
  ///   - isStopped: asked before each picture.
  package init(
    _ subject: CheckSubject, threads: Int, isStopped: @escaping @Sendable () -> Bool = { false },
    progress: (Int) -> Void = { _ in }
  ) {
    self.subject = subject
    let count = subject.entries.count
    let slots = Slots(count)
    Pass(count: count, threads: threads, isStopped: isStopped).run(progress: progress) { index in
      slots.set(index, Self.look(subject, index))
    }
    pictures = slots.values.compactMap { $0 }
    isComplete = pictures.count == count
  }

  /// One place for each picture, written by one thread each.
  private final class Slots: @unchecked Sendable {
    private let base: UnsafeMutableBufferPointer<CheckedPicture?>

    init(_ count: Int) {
      base = .allocate(capacity: count)
      base.initialize(repeating: nil)
    }

    deinit {
      base.deinitialize()
      base.deallocate()
    }

    func set(_ index: Int, _ value: CheckedPicture) { base[index] = value }
    var values: [CheckedPicture?] { Array(base) }
  }

  private static func look(_ subject: CheckSubject, _ index: Int) -> CheckedPicture {
    let entry = subject.entries[index]
    var bytes: [UInt8]?
    var outcome: CheckedPicture.Outcome
    do throws(ImageError) {
      bytes = try subject.fileBytes(index)
      if let bytes {
        outcome = .readable(pixels(try ImageDecoder().decode(bytes), content: SHA256.digest(bytes)))
      } else {
        let picture = try subject.picture(index)
        outcome = .readable(pixels(picture, content: SHA256.digest(picture.bytes)))
      }
    } catch {
      outcome = CheckedPicture.Outcome(error)
    }
    if case .stray(_, let reason) = entry.source {
      // What cannot even be opened, a folder or a broken link, is not there to be repaired.
      if bytes == nil { outcome = .refused(reason: reason) }
      if case .readable = outcome { outcome = .refused(reason: reason) }
    }
    return CheckedPicture(
      path: entry.path, split: entry.split, label: entry.label, bytes: bytes?.count,
      format: bytes.flatMap { ImageFormat.detect($0) }, outcome: outcome)
  }

  private static func pixels(_ picture: Image, content: [UInt8]) -> CheckedPicture.Pixels {
    CheckedPicture.Pixels(
      width: picture.width, height: picture.height, channels: picture.channels, moments: ChannelMoments(picture),
      content: content, signature: PictureSignature(picture))
  }

  /// The picture at a place of `pictures`, decoded again.
  package func picture(_ index: Int) throws(ImageError) -> Image { try subject.picture(index) }

  /// The splits that are there, `nil` for data that are not divided.
  package var splits: [Split?] {
    subject.isDivided ? Split.allCases.filter { split in pictures.contains { $0.split == split } } : [nil]
  }

  /// How many readable pictures each class has in the split.
  package func counts(_ split: Split?) -> [Int] {
    var counts = [Int](repeating: 0, count: subject.classes.count)
    for picture in pictures where picture.split == split && picture.pixels != nil {
      if let label = picture.label { counts[label] += 1 }
    }
    return counts
  }
}
