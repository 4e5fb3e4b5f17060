import NunchiDocuments

extension Comparison {
  /// The comparison as a table for people.
  package var table: String {
    var table = TextTable(header: ["metric", "first", "second", "difference", "95 %"])
    for entry in differences {
      table.append([
        entry.metric.rawValue, decimal(entry.first), decimal(entry.second), decimal(entry.value),
        entry.interval?.text ?? "",
      ])
    }
    return "\(images) images: the second \(sentence)\n(\(meaning))\n\n" + table.text
  }
}

extension CrossValidation {
  /// Mean and standard deviation of every metric, as a table for people.
  package var table: String {
    var table = TextTable(header: ["metric", "mean ± deviation"], textColumns: [0, 1])
    for metric in Metric.allCases {
      if let spread = self[metric] { table.append([metric.rawValue, spread.text]) }
    }
    return table.text
  }
}
