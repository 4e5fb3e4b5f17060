import NunchiDatasets
import NunchiDocuments

extension [SkippedFile] {
  /// A sentence about files that were left out; nil where there are none.
  var warning: String? {
    guard !isEmpty else { return nil }
    let named = prefix(3).map { "\($0.path) (\($0.reason))" }.joined(separator: ", ")
    return "\(count) damaged files were left out: \(named)\(count > 3 ? ", …" : "")"
  }

  var json: JSON { .array(map { ["path": JSON($0.path), "reason": JSON($0.reason)] }) }
}
