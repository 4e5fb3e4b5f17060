import Foundation
import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation
import NunchiTraining

/// A run folder written by hand: what a training of so many classes and epochs would leave, without pictures.
final class WrittenRun {
  let path: String
  let metrics: ClassificationMetrics

  /// - Parameter ending: nil as after a kill; then there is no evaluation.
  init(classes: [String], images: Int, epochs: Int, ending: String? = "completed") throws {
    path = FileManager.default.temporaryDirectory.path + "/nunchi-run-" + UUID().uuidString + "/train-0001"
    try FileManager.default.createDirectory(atPath: path + "/evaluation", withIntermediateDirectories: true)
    let truths = (0..<images).map { $0 % classes.count }
    let rows = truths.enumerated().map { image, truth in Self.row(image, truth, classes.count) }
    let answers = try Answers(truths: truths, probabilities: rows.flatMap { $0 }, classNames: classes)
    metrics = try answers.metrics(resamples: 20)
    let settings = TrainingSettings(data: "some <data>").json.objectValue!.members.map { member in
      JSON.Member(member.key, ["value": member.value, "origin": "default"])
    }
    try write(JSON.object(JSON.Object(settings)).compact(), "config.json")
    try write(Self.data(classes, images).compact(), "data.json")
    try write(Self.log(epochs, ending), "log.jsonl")
    guard ending != nil else { return }
    let document = JSON.object(JSON.Object([.init("split", "test"), .init("test", metrics.json)]))
    try write(document.compact(), "evaluation/metrics.json")
    let header = "split,image,class,predicted,correct," + classes.map { Self.quoted("p(\($0))") }.joined(separator: ",")
    let lines = rows.enumerated().map { image, row in
      let name = Self.quoted(classes[truths[image]])
      return "test,Test/\(image).jpg,\(name),\(Self.quoted(classes[answers.predicted[image]])),1,"
        + row.map(\.description).joined(separator: ",")
    }
    try write(([header] + lines).joined(separator: "\n") + "\n", "evaluation/predictions.csv")
  }

  deinit { try? FileManager.default.removeItem(atPath: (path as NSString).deletingLastPathComponent) }

  private func write(_ text: String, _ name: String) throws {
    try text.write(toFile: path + "/" + name, atomically: true, encoding: .utf8)
  }

  /// Every fourth answer is the next class, the surer the later.
  private static func row(_ image: Int, _ truth: Int, _ classes: Int) -> [Float] {
    let answer = image % 4 == 3 ? (truth + 1) % classes : truth
    let sure = 0.5 + 0.4 * Float(image % 97) / 97
    return (0..<classes).map { $0 == answer ? sure : (1 - sure) / Float(classes - 1) }
  }

  private static func data(_ classes: [String], _ images: Int) -> JSON {
    let counts = JSON.Object(classes.map { .init($0, .integer(images / classes.count)) })
    return [
      "path": "some <data>", "kind": "folders", "fingerprint": "xxh64:0", "classes": JSON(classes),
      "splits": ["test": ["images": .integer(images), "classes": .object(counts)]],
      "skipped": [["path": "bad <one>.jpg", "reason": "damaged & gone"]], "notes": [],
    ]
  }

  private static func log(_ epochs: Int, _ ending: String?) -> String {
    let lines = (1...epochs).map { epoch in
      let value = Double(epoch) / Double(epochs + 1)
      return """
        {"event":"epoch","epoch":\(epoch),"seconds":\(epoch),"lr":0.001,"images_per_second":10.5,\
        "train_loss":\(1 - value),"val_loss":\(1.1 - value),"val_accuracy":\(value),"val_f1_macro":\(value),\
        "monitored":\(value),"best":\(epoch <= epochs / 2)}
        """
    }
    let end = ending.map {
      "{\"event\":\"finished\",\"ending\":\"\($0)\",\"epochs\":\(epochs),\"best_epoch\":\(max(epochs / 2, 1)),\"seconds\":\(epochs)}"
    }
    let note = "{\"event\":\"note\",\"text\":\"watch <this>\"}"
    let skipped = "{\"event\":\"note\",\"kind\":\"skipped_files\",\"text\":\"1 file was left out\"}"
    return ([note, note, skipped] + lines + (end.map { [$0] } ?? [])).joined(separator: "\n") + "\n"
  }

  private static func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "\"\"") + "\"" }
}
