import NunchiDocuments
import NunchiInference

extension Robustness {
  var json: JSON {
    let disturbances = Disturbance.allCases.map { disturbance -> JSON in
      [
        "name": JSON(disturbance.rawValue), "unit": JSON(disturbance.unit),
        "points": .array(
          rows.filter { $0.disturbance == disturbance }.map {
            ["strength": JSON($0.strength), "accuracy": .number(share($0.correct))]
          }),
      ]
    }
    return [
      "images": .integer(images), "accuracy": .number(share(correct)), "disturbances": .array(disturbances),
    ]
  }

  /// A table with a line for each disturbance: the accuracy at each strength.
  var table: String {
    var table = TextTable(header: ["accuracy under", "mild", "", "", "strong", "strengths"], textColumns: [0, 5])
    table.append(["nothing", Text.fixed(share(correct), 4)])
    for disturbance in Disturbance.allCases {
      let strengths = disturbance.strengths.map { Text.fixed(Double($0), $0 == $0.rounded() ? 0 : 1) }
      table.append(
        [disturbance.rawValue]
          + rows.filter { $0.disturbance == disturbance }.map { Text.fixed(share($0.correct), 4) }
          + ["\(strengths.joined(separator: " ")) \(disturbance.unit)"])
    }
    return table.text
  }
}

extension AnswerTiming {
  var json: JSON {
    [
      "batch": .integer(batch), "images_per_second": .number(imagesPerSecond),
      "single": [
        "images": .integer(singles), "p50_ms": .number(percentile(0.5)), "p95_ms": .number(percentile(0.95)),
      ],
    ]
  }

  var table: String {
    var table = TextTable()
    table.append(["images a second, \(batch) at once", Text.fixed(imagesPerSecond, 1)])
    table.append(["milliseconds of one, median", Text.fixed(percentile(0.5), 3)])
    table.append(["95 % within", Text.fixed(percentile(0.95), 3)])
    return table.text + "(from pixels at the model's size; reading files is not in it)\n"
  }
}
