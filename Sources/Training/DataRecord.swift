import NunchiDatasets
import NunchiDocuments

/// `data.json` read back: what a run was trained on.
package struct DataRecord: Sendable {
  /// As the training was given it; nil where the pictures were in memory.
  package let path: String?
  package let kind: String?
  package let fingerprint: String?
  package let classes: [String]
  /// What was left out.
  package let skipped: [SkippedFile]
  /// Of each class, where classes do not count the same.
  package let classWeights: [Double]?
  /// Of a cross-validation: whether the data set brings its own splits along.
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

  /// How many pictures a split has.
  package func images(_ split: Split) -> Int { images[split] ?? 0 }

  /// How many of them are of a class.
  package func images(_ split: Split, ofClass name: String) -> Int { counts[split]?[name] ?? 0 }
}
