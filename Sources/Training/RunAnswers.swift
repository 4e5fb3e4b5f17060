import NunchiDatasets
import NunchiDocuments
import NunchiEvaluation

/// The answers of the best weights of a run for one split: `evaluation/predictions.csv` read back.
package struct RunAnswers: Sendable {
  /// The paths of the images within the data set, in the order of `answers`.
  package let identities: [String]
  package let answers: Answers
}

extension RunRecord {
  /// The answers for a split; nil where there are none.
  package func answers(_ split: Split) throws(TrainingError) -> RunAnswers? {
    let file = path + "/evaluation/predictions.csv"
    let text = RunFolder.text("evaluation/predictions.csv", in: path)
    func refuse(_ expected: String, _ found: String) -> TrainingError {
      .run(path: file, expected: expected, found: found)
    }
    let rows: [CSVText.Row]
    do throws(DatasetError) {
      rows = try CSVText(Array(text.utf8), path: file).rows
    } catch {
      throw refuse(error.expected, error.found)
    }
    guard let header = rows.first?.fields else { return nil }
    let names = header.dropFirst(Self.columnsBefore).map { String($0.dropFirst(2).dropLast()) }
    let places = Dictionary(names.enumerated().map { ($1, $0) }) { first, _ in first }
    var (identities, truths, predicted, probabilities): ([String], [Int], [Int], [Float]) = ([], [], [], [])
    for row in rows.dropFirst() where row.fields.first == split.rawValue {
      let values = row.fields.dropFirst(Self.columnsBefore).compactMap { Float($0) }
      guard row.fields.count == header.count, values.count == names.count, let truth = places[row.fields[2]],
        let answer = places[row.fields[3]]
      else {
        throw refuse("a class and \(names.count) probabilities in line \(row.line)", "something else")
      }
      identities.append(row.fields[1])
      truths.append(truth)
      predicted.append(answer)
      probabilities += values
    }
    guard !truths.isEmpty else { return nil }
    do throws(EvaluationError) {
      let answers = try Answers(truths: truths, predicted: predicted, probabilities: probabilities, classNames: names)
      return RunAnswers(identities: identities, answers: answers)
    } catch {
      throw refuse("finite probabilities", error.description)
    }
  }

  /// The columns before the probabilities: split, image, class, predicted, correct.
  private static var columnsBefore: Int { 5 }
}
