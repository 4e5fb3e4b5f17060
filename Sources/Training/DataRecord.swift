import NunchiDatasets
import NunchiDocuments

/// `data.json` read back: the data set of a run.
package struct DataRecord: Sendable {
  /// The path that the training was given; nil where the images were in memory.
  package let path: String?
  package let kind: String?
  package let fingerprint: String?
  package let classes: [String]
  /// The files that were left out.
  package let skipped: [SkippedFile]
  /// The weight of each class in the loss; nil where all are equal.
  package let classWeights: [Double]?
  /// For a cross-validation: whether the data set has splits of its own.
  package let isDivided: Bool
  private let images: [Split: Int]
  private let counts: [Split: [String: Int]]

  init(reading document: JSON) {
    path = document["path"]?.stringValue
    kind = document["kind"]?.stringValue
    fingerprint = document["fingerprint"]?.stringValue
    classes = document["classes"]?.arrayValue?.compactMap(\.stringValue) ?? []
    skipped =
      document["skipped"]?.arrayValue?.map {
        SkippedFile(path: $0["path"]?.stringValue ?? "", reason: $0["reason"]?.stringValue ?? "")
      } ?? []
    classWeights = document["class_weights"]?.arrayValue?.compactMap(\.doubleValue)
    isDivided = document["divided"]?.boolValue ?? false
    var (images, counts): ([Split: Int], [Split: [String: Int]]) = ([:], [:])
    for split in Split.allCases {
      let found = document["splits"]?[split.rawValue]
      images[split] = found?["images"]?.intValue
      for member in found?["classes"]?.objectValue?.members ?? [] {
        counts[split, default: [:]][member.key] = member.value.intValue
      }
    }
    (self.images, self.counts) = (images, counts)
  }

  /// How many images a split has.
  package func images(_ split: Split) -> Int { images[split] ?? 0 }

  /// How many images of a class a split has.
  package func images(_ split: Split, ofClass name: String) -> Int { counts[split]?[name] ?? 0 }
}
