import NunchiDocuments
import NunchiEvaluation
import Testing

@Suite struct Comparisons {
  @Test func sentences() throws {
    #expect(try comparison(fixes: 31, breaks: 9).sentence == "fixes 31, breaks 9, p = 0.0007")
    #expect(try comparison(fixes: 0, breaks: 0).sentence == "fixes 0, breaks 0, p = 1.0000")
    #expect(try comparison(fixes: 200, breaks: 20).sentence == "fixes 200, breaks 20, p < 0.0001")
    let rare = "of two equally good models so large a difference is rare: "
    #expect(try comparison(fixes: 31, breaks: 9).meaning == rare + "the second is better on such pictures")
    #expect(try comparison(fixes: 9, breaks: 31).meaning == rare + "the first is better on such pictures")
    #expect(try comparison(fixes: 0, breaks: 0).meaning == "the same answers are right")
  }

  @Test func countsAndImages() throws {
    let comparison = try comparison(fixes: 3, breaks: 2, agreed: 5)
    #expect(comparison.fixed == [0, 1, 2] && comparison.broken == [3, 4])
    #expect(comparison.bothRight == 5 && comparison.bothWrong == 0 && comparison.images == 10)
    let accuracy = try #require(comparison.differences.first)
    #expect(accuracy.metric == .accuracy && accuracy.first == 0.7 && accuracy.second == 0.8)
    #expect(abs(accuracy.value - 0.1) < 1e-12)
    #expect(comparison.json["fixes"] == 3 && comparison.json["differences"]?[2]?["metric"] == "f1_macro")
    #expect(comparison.json["sentence"] == "fixes 3, breaks 2, p = 1.0000")
    #expect(
      comparison.table.hasPrefix(
        "10 images: the second fixes 3, breaks 2, p = 1.0000\n(two equally good models differ so much often: these pictures do not tell which is better)\n\nmetric"
      ))
  }

  /// Both models are drawn on the same images: where they agree, nothing varies.
  @Test func intervalsArePaired() throws {
    let same = try comparison(fixes: 0, breaks: 0, agreed: 50, bootstrap: Bootstrap(resamples: 50))
    let accuracy = try #require(same.differences.first?.interval)
    #expect(accuracy.lower == 0 && accuracy.upper == 0)
    let better = try comparison(fixes: 40, breaks: 0, agreed: 360, bootstrap: Bootstrap(resamples: 1000))
    // 40 of 400 fixed: the deviation of the difference is √(0.1 · 0.9 / 400) = 0.015.
    let interval = try #require(better.differences.first?.interval)
    #expect(close([interval.lower, interval.upper], [0.1 - 1.96 * 0.015, 0.1 + 1.96 * 0.015], 0.006))
    #expect(interval.method == .bootstrap)
  }

  @Test func classesAreMatchedByName() throws {
    let rows: [Float] = [0.6, 0.3, 0.1, 0.2, 0.1, 0.7, 0.1, 0.8, 0.1]
    let first = try Answers(truths: [0, 2, 1], probabilities: rows, classNames: ["a", "b", "c"])
    let other = try Answers(
      truths: [2, 1, 0], probabilities: [0.3, 0.1, 0.6, 0.1, 0.7, 0.2, 0.8, 0.1, 0.1], classNames: ["b", "c", "a"])
    #expect(try other.ordered(as: first.classNames) == first)
    #expect(try Comparison(first, other).fixed.isEmpty && Comparison(first, other).bothRight == 3)
  }

  @Test func whatCannotBeComparedIsRefused() throws {
    let first = try Answers(truths: [0, 1], probabilities: [1, 0, 0, 1], classNames: ["a", "b"])
    let renamed = try Answers(truths: [0, 1], probabilities: [1, 0, 0, 1], classNames: ["a", "c"])
    let error = #expect(throws: EvaluationError.self) { try Comparison(first, renamed) }
    #expect(error?.description == "comparison: expected the classes a, b, found a, c")
    let shuffled = try Answers(truths: [0, 0], probabilities: [1, 0, 0, 1], classNames: ["a", "b"])
    let images = #expect(throws: EvaluationError.self) { try Comparison(first, shuffled) }
    #expect(
      images?.description
        == "comparison: expected the same images in the same order, found class a instead of b for image 1")
    let fewer = try Answers(truths: [0], probabilities: [1, 0], classNames: ["a", "b"])
    #expect(throws: EvaluationError.countMismatch(what: "answers of the second model", expected: 2, found: 1)) {
      try Comparison(first, fewer)
    }
    let none = try Answers(truths: [], probabilities: [], classNames: ["a", "b"])
    #expect(throws: EvaluationError.empty) { try Comparison(none, none) }
  }
}

@Suite struct MistakeLists {
  @Test func mostConfusedPairs() throws {
    let metrics = try ClassificationMetrics(
      truth: [0, 0, 0, 1, 1, 2, 2, 2, 2], predicted: [1, 1, 0, 2, 0, 0, 0, 1, 2], classNames: ["a", "b", "c"],
      resamples: 1)
    let pairs = metrics.confusion.mostConfused()
    #expect(pairs.map { $0.truth + $0.predicted } == ["ab", "ca", "ba", "bc", "cb"])
    #expect(pairs.map(\.images) == [2, 2, 1, 1, 1] && pairs[1].share == 0.5)
    #expect(metrics.confusion.mostConfused(1).count == 1)
    #expect(pairs[1].json == ["class": "c", "predicted": "a", "images": 2, "share": 0.5])
  }

  @Test func worstMistakes() throws {
    let answers = try Answers(
      truths: [0, 1, 0, 1, 0], probabilities: [0.4, 0.6, 0.75, 0.25, 0.25, 0.75, 0.1, 0.9, 0.5, 0.5],
      classNames: ["a", "b"])
    let mistakes = answers.worstMistakes()
    #expect(mistakes.map(\.image) == [1, 2, 0], "the surest first, of equals the first image; a tie answers class a")
    #expect(mistakes[0].confidence == 0.75 && mistakes[0].truthProbability == 0.25 && mistakes[0].predicted == 0)
    #expect(answers.worstMistakes(1).map(\.image) == [1])
    #expect(
      mistakes[0].json(answers.classNames)
        == ["image": 1, "class": "b", "predicted": "a", "probability": 0.75, "class_probability": 0.25])
  }
}
