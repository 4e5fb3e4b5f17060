import NunchiDocuments
import NunchiEvaluation
import NunchiInference

/// The output of `evaluate` for two models on the same images.
struct ComparisonPage {
  let first: EvaluationPage
  let second: EvaluationPage
  let comparison: Comparison

  private static let pathsShown = 5

  var warnings: [String] {
    first.warnings + second.warnings.filter { !first.warnings.contains($0) }
  }

  var document: JSON {
    [
      "first": first.document, "second": second.document, "comparison": comparison.json,
      "fixed": JSON(paths(comparison.fixed)), "broken": JSON(paths(comparison.broken)),
    ]
  }

  private func paths(_ images: [Int]) -> [String] { images.map { first.evaluation.predictions[$0].identity } }

  var text: String {
    var text = "first:  \(first.path)\nsecond: \(second.path)\n\n" + comparison.table
    for (title, images) in [("fixed", comparison.fixed), ("broken", comparison.broken)] where !images.isEmpty {
      let more = images.count > Self.pathsShown ? ", …" : ""
      text += "\n\(title): \(paths(images).prefix(Self.pathsShown).joined(separator: ", "))\(more)\n"
    }
    return text
  }
}
