import NunchiDocuments
import NunchiEvaluation
import Testing

@Suite struct Thresholds {
  /// Falling scores: yes, yes, no, yes (tied with a no), no.
  private let ranking = Ranking(
    scores: [0.9, 0.8, 0.7, 0.5, 0.5, 0.1], positive: [true, true, false, true, false, false])

  private func chosen(_ text: String) throws -> ThresholdChoice {
    try ranking.choose(ThresholdRule(parsing: text), className: "mask")
  }

  @Test(arguments: ["max-f1", "recall>=0.95", "precision>=0.9", "cost=1:10", "cost=0.5:0", "recall>=1"])
  func rulesAreReadAndWritten(_ text: String) throws {
    #expect(try ThresholdRule(parsing: text).description == text)
  }

  @Test func spacesDoNotMatter() throws {
    #expect(try ThresholdRule(parsing: " recall >= 0.95 ") == .recall(atLeast: 0.95))
    #expect(try ThresholdRule(parsing: "cost = 1 : 10") == .cost(falsePositive: 1, falseNegative: 10))
  }

  @Test(arguments: [
    ("f1", "max-f1, recall>=SHARE, precision>=SHARE or cost=FP:FN"),
    ("recall>0.9", "max-f1, recall>=SHARE, precision>=SHARE or cost=FP:FN"),
    ("", "max-f1, recall>=SHARE, precision>=SHARE or cost=FP:FN"),
    ("recall>=95", "a share above 0 and up to 1 after >="), ("recall>=0", "a share above 0 and up to 1 after >="),
    ("precision>=nan", "a share above 0 and up to 1 after >="), ("precision>=", "a share above 0 and up to 1 after >="),
    (
      "cost=10", "two prices from 0, not both 0: of an image accepted by mistake and of one missed, such as cost=1:10"
    ),
    (
      "cost=0:0", "two prices from 0, not both 0: of an image accepted by mistake and of one missed, such as cost=1:10"
    ),
    (
      "cost=-1:2", "two prices from 0, not both 0: of an image accepted by mistake and of one missed, such as cost=1:10"
    ),
    (
      "cost=1:inf",
      "two prices from 0, not both 0: of an image accepted by mistake and of one missed, such as cost=1:10"
    ),
  ])
  func whatIsNoRule(_ text: String, _ expected: String) {
    let error = #expect(throws: EvaluationError.self) { try ThresholdRule(parsing: text) }
    #expect(error?.description == "threshold: expected \(expected), found '\(text)'")
  }

  @Test func choosesByEachRule() throws {
    // F1 at the four thresholds that matter: 2/4, 4/5, 4/6, 6/8.
    let best = try chosen("max-f1")
    #expect(best.truePositives == 2 && best.falsePositives == 0 && best.falseNegatives == 1 && best.trueNegatives == 3)
    #expect(close([best.f1, best.recall, best.precision, best.accuracy], [0.8, 2.0 / 3, 1, 5.0 / 6], 1e-12))
    // Between 0.8 and the next lower score 0.7.
    #expect(best.threshold == 0.75)
    let recalling = try chosen("recall>=0.9")
    #expect(recalling.recall == 1 && recalling.falsePositives == 2 && recalling.threshold == 0.3)
    #expect(recalling.falsePositiveRate == 2.0 / 3)
    let precise = try chosen("precision>=0.9")
    #expect(precise.recall == 2.0 / 3 && precise.precision == 1)
    #expect(try chosen("cost=1:10").truePositives == 3)
    #expect(try chosen("cost=10:1").falsePositives == 0)
  }

  @Test func acceptingNothingCanBeCheapest() throws {
    let ranking = Ranking(scores: [0.9, 0.4, 1], positive: [true, true, false])
    let choice = try ranking.choose(.cost(falsePositive: 5, falseNegative: 1), className: "a")
    #expect(choice.truePositives + choice.falsePositives == 0 && choice.falseNegatives == 2)
    #expect(choice.threshold > 1)
    // As expensive either way: nothing is accepted.
    let tied = try ranking.choose(.cost(falsePositive: 2, falseNegative: 1), className: "a")
    #expect(tied.truePositives == 0 && tied.falsePositives == 0)
  }

  /// 0.95 is met by 19 of 20, although neither is a binary fraction.
  @Test func boundsAreMetExactly() throws {
    let scores = (0..<21).map { Float(21 - $0) / 32 }
    let ranking = Ranking(scores: scores, positive: (0..<21).map { $0 != 19 })
    #expect(try ranking.choose(.recall(atLeast: 0.95), className: "a").falsePositives == 0)
  }

  /// Two scores with no number between them are still parted.
  @Test func neighbouringScores() throws {
    let ranking = Ranking(scores: [Float(0.5).nextUp, 0.5], positive: [true, false])
    #expect(try ranking.choose(.maxF1, className: "a").threshold == Float(0.5).nextUp)
  }

  @Test func theImpossible() throws {
    let ranking = Ranking(scores: [0.9, 0.8, 0.7], positive: [false, true, false])
    let error = #expect(throws: EvaluationError.self) {
      try ranking.choose(.precision(atLeast: 0.9), className: "mask")
    }
    #expect(
      error?.description == "threshold of class mask: expected precision>=0.9, found at most 0.5000; ask for less")
    let alone = #expect(throws: EvaluationError.self) {
      try Ranking(scores: [0.1, 0.2], positive: [false, false]).choose(.recall(atLeast: 0.95), className: "mask")
    }
    #expect(
      alone?.description
        == "threshold of class mask: expected images of the class and others, found 0 and 2")
    #expect(throws: EvaluationError.noContrast(className: "a", images: 0, others: 0)) {
      try Ranking(scores: [], positive: []).choose(.maxF1, className: "a")
    }
  }

  @Test func oneAgainstTheRest() throws {
    let answers = try Answers(
      truths: [0, 1, 1, 0], probabilities: [0.9, 0.1, 0, 0.2, 0.8, 0, 0.6, 0.4, 0, 0.7, 0.3, 0],
      classNames: ["a", "b", "c"])
    let choices = answers.thresholds(.maxF1)
    #expect(try choices[0].get().threshold == 0.65 && choices[0].get().f1 == 1)
    #expect(try abs(choices[1].get().threshold - 0.35) < 1e-6 && choices[1].get().className == "b")
    #expect(throws: EvaluationError.noContrast(className: "c", images: 0, others: 4)) { try choices[2].get() }
    let json = try choices[1].get().json
    #expect(json["rule"] == "max-f1" && json["class"] == "b" && json["true_positives"] == 2 && json["recall"] == 1.0)
  }
}

@Suite struct Curves {
  private let ranking = Ranking(
    scores: [0.9, 0.8, 0.7, 0.5, 0.5, 0.1], positive: [true, true, false, true, false, false])

  @Test func json() throws {
    let json = ranking.json()
    #expect(json["roc_curve"]?[0] == ["false_positive_rate": 0.0, "recall": 0.0, "threshold": nil])
    #expect(json["precision_recall_curve"]?[1]?["threshold"]?.doubleValue == 0.8)
    #expect(json["positives"] == 3 && json["roc_auc"]?.doubleValue == ranking.rocAUC)
    let alone = Ranking(scores: [0.5], positive: [false])
    #expect(alone.rocCurve == nil && alone.precisionRecallCurve == nil && alone.json()["roc_curve"] == nil)
  }

  /// Every dropped point lies within the tolerance of the line that is drawn.
  @Test func thinningKeepsTheShape() throws {
    var random = SplitMix64(state: 5)
    let positive = (0..<3000).map { _ in random.below(2) == 0 }
    let scores = positive.map { Float(random.below(100_000) + ($0 ? 40_000 : 0)) }
    for curve in try [
      #require(Ranking(scores: scores, positive: positive).rocCurve),
      #require(Ranking(scores: scores, positive: positive).precisionRecallCurve),
    ] {
      let thin = curve.thinned(to: 3000, tolerance: 0.002)
      #expect(thin.points.count < 300 && thin.points.count > 10, "\(thin.points.count)")
      #expect(thin.points.first == curve.points.first && thin.points.last == curve.points.last)
      for point in curve.points {
        let nearest = zip(thin.points, thin.points.dropFirst()).map { distance(point, $0, $1) }.min()!
        #expect(nearest <= 0.002 + 1e-12)
      }
      let few = curve.thinned(to: 7, tolerance: 0)
      #expect(few.points.count == 7 && few.points.first == curve.points.first && few.points.last == curve.points.last)
    }
  }

  @Test func aStraightLineIsTwoPoints() throws {
    let ranking = Ranking(scores: (0..<100).map { Float($0 / 2) }, positive: (0..<100).map { $0 % 2 == 0 })
    let curve = try #require(ranking.rocCurve)
    #expect(curve.points.count == 51 && curve.thinned(tolerance: 1e-9).points.map(\.y) == [0, 1])
  }

  private func distance(_ p: Curve.Point, _ a: Curve.Point, _ b: Curve.Point) -> Double {
    let (width, height) = (b.x - a.x, b.y - a.y)
    let square = width * width + height * height
    let along = square == 0 ? 0 : min(max(((p.x - a.x) * width + (p.y - a.y) * height) / square, 0), 1)
    let (dx, dy) = (p.x - a.x - along * width, p.y - a.y - along * height)
    return (dx * dx + dy * dy).squareRoot()
  }
}
