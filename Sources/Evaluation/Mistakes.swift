/// A true class and a class that its images were predicted as.
package struct ConfusedPair: Hashable, Sendable {
  package let truth: String
  package let predicted: String
  package let images: Int
  /// The share of the images of the class `truth`.
  package let share: Double
}

extension ConfusionMatrix {
  /// The pairs confused most often, at most `limit`, by falling number of images. Equal numbers keep the class order.
  package func mostConfused(_ limit: Int = 10) -> [ConfusedPair] {
    let pairs = (0..<classes).flatMap { truth in
      let support = support(truth)
      return (0..<classes).compactMap { predicted -> ConfusedPair? in
        let images = self[truth: truth, predicted: predicted]
        guard truth != predicted, images > 0 else { return nil }
        return ConfusedPair(
          truth: classNames[truth], predicted: classNames[predicted], images: images, share: ratio(images, support))
      }
    }
    let order = pairs.indices.sorted { (pairs[$0].images, $1) > (pairs[$1].images, $0) }
    return order.prefix(limit).map { pairs[$0] }
  }
}

/// A wrong answer.
package struct Mistake: Hashable, Sendable {
  /// The index of the image in the list of answers.
  package let image: Int
  package let truth: Int
  package let predicted: Int
  /// The probability of the class answered.
  package let confidence: Float
  /// The probability of the true class.
  package let truthProbability: Float
}

extension Answers {
  /// The wrong answers, at most `limit`, the most confident first. Equally confident ones keep the order of the images.
  package func worstMistakes(_ limit: Int = 20) -> [Mistake] {
    let mistakes = truths.indices.filter { truths[$0] != predicted[$0] }.map { image in
      let row = row(image)
      return Mistake(
        image: image, truth: truths[image], predicted: predicted[image],
        confidence: row[row.startIndex + predicted[image]], truthProbability: row[row.startIndex + truths[image]])
    }
    return Array(mistakes.sorted { ($0.confidence, $1.image) > ($1.confidence, $0.image) }.prefix(limit))
  }
}
