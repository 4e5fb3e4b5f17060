import NunchiDocuments
import NunchiModels
import NunchiTensors

/// The output of `model summary`.
struct SummaryPage {
  let name: String
  let about: String
  let summary: ModelSummary

  /// The bytes of the parameters and statistics.
  private var parameterBytes: Int { (summary.parameters + summary.statistics) * 4 }
  private var activationBytes: Int { summary.rows.reduce(0) { $0 + $1.outputShape.count * 4 } }

  var text: String {
    var table = TextTable(header: ["layer", "output", "parameters", "multiply-adds"])
    let longest = summary.rows.map(\.path.count).max() ?? 0
    for row in summary.rows {
      let path = row.path + String(repeating: " ", count: longest + 2 - row.path.count)
      table.append([
        path + row.summary, Self.shape(row.outputShape), row.parameters == 0 ? "-" : Text.grouped(row.parameters),
        row.multiplyAdds == 0 ? "-" : Text.scaled(row.multiplyAdds),
      ])
    }
    return """
      \(name): \(about)
      one image \(Self.shape(summary.inputShape)) to \(Self.shape(summary.outputShape))

      \(table.text)
      parameters     \(Text.grouped(summary.parameters)) (and \(Text.grouped(summary.statistics)) running statistics), \
      \(Text.bytes(parameterBytes))
      multiply-adds  \(Text.grouped(summary.multiplyAdds)) an image
      activations    \(Text.bytes(activationBytes)) an image, all layers together
      weight decay   leaves \(summary.undecayed.count) tensors alone: biases, scales and shifts
      """
  }

  var document: JSON {
    [
      "name": JSON(name), "summary": JSON(about), "input": JSON(summary.inputShape.extents),
      "output": JSON(summary.outputShape.extents),
      "layers": .array(
        summary.rows.map { row in
          [
            "path": JSON(row.path), "layer": JSON(row.summary), "output": JSON(row.outputShape.extents),
            "parameters": JSON(row.parameters), "multiply_adds": JSON(row.multiplyAdds),
          ]
        }),
      "parameters": JSON(summary.parameters), "statistics": JSON(summary.statistics),
      "multiply_adds": JSON(summary.multiplyAdds), "parameter_bytes": JSON(parameterBytes),
      "activation_bytes": JSON(activationBytes), "undecayed": JSON(summary.undecayed),
    ]
  }

  /// The shape of one image: [1, 28, 28, 3] as 28x28x3.
  private static func shape(_ shape: Shape) -> String {
    shape.extents.dropFirst().map(String.init).joined(separator: "x")
  }
}
