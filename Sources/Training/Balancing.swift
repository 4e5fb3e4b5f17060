import NunchiDatasets
import NunchiSystem
import NunchiTensors

/// How a training compensates for classes of unequal size, and why.
package struct Balancing: Sendable, Hashable {
  package enum Means: Sendable, Hashable {
    case none
    /// The weight of each class in the loss. The mean over the training images is 1.
    case weights([Float])
    /// Each class is drawn equally often. An epoch has as many images as before.
    case sampler
  }

  package let means: Means
  /// The choice and its reason, in a sentence.
  package let reason: String

  /// The largest ratio of class sizes that is left uncompensated.
  package static let tolerance = 1.5

  /// weight[c] = images / (classes · images of c), over the classes that have images.
  ///
  /// `auto` takes weights while a step has at least one image of the rarest class on average. Below that most steps
  /// would not have the class at all, and its large weight would disturb the others: then each class is drawn equally
  /// often.
  ///
  /// - Parameters:
  ///   - counts: the training images of each class.
  ///   - images: the images of one step.
  package init(_ rule: TrainingSettings.Imbalance, counts: [Int], images step: Int) {
    let present = counts.filter { $0 > 0 }
    let (least, most, all) = (present.min() ?? 0, present.max() ?? 0, present.reduce(0, +))
    let sizes =
      least == most
      ? "each has \(most) images" : "they have \(least) to \(most) images, a ratio of \(Self.ratio(most, least))"
    let bound = Self.ratio(Int(Self.tolerance * 100), 100)
    let weights = Means.weights(
      counts.map { $0 == 0 ? 0 : Float(all) / (Float(present.count) * Float($0)) })
    let stays = "an epoch stays at \(all) images, those of small classes come several times"
    switch rule {
    case .none: (means, reason) = (.none, "classes count the same: nothing else was asked for")
    case .weights: (means, reason) = (weights, "classes are weighed by their rarity, as asked for: \(sizes)")
    case .sampler: (means, reason) = (.sampler, "classes are drawn equally often, as asked for: \(sizes); \(stays)")
    case .auto:
      if Double(most) <= Self.tolerance * Double(least) {
        let why = least == most ? "" : ", and up to \(bound) nothing is made up for (--imbalance auto)"
        (means, reason) = (.none, "classes count the same: \(sizes)" + why)
      } else if step * least >= all {
        (means, reason) = (
          weights,
          "classes are weighed by their rarity: \(sizes), above \(bound), and a step of \(step) sees each of them "
            + "(--imbalance auto)"
        )
      } else {
        (means, reason) = (
          .sampler,
          "classes are drawn equally often: \(sizes), above \(bound), and most steps of \(step) would miss the rarest "
            + "(--imbalance auto); \(stays)"
        )
      }
    }
  }

  /// A ratio with two decimals, without trailing zeros. It is rounded up, so that one above a bound does not look equal
  /// to it.
  private static func ratio(_ most: Int, _ least: Int) -> String {
    guard least > 0 else { return "0" }
    let hundredths = (100 * most).dividedRoundingUp(by: least)
    let (whole, rest) = (hundredths / 100, hundredths % 100)
    if rest == 0 { return "\(whole)" }
    return rest.isMultiple(of: 10) ? "\(whole).\(rest / 10)" : "\(whole).\(NumberText.padded(rest, 2))"
  }

  /// The weight of each class in the loss; nil where all are equal.
  package var weights: [Float]? {
    guard case .weights(let values) = means else { return nil }
    return values
  }

  var sampling: Sampling { means == .sampler ? .balanced : .shuffled }

  /// A sentence with the accuracy of always answering the most frequent class; nil where no class is much larger.
  static func baseline(_ classes: [String], counts: [Int]) -> String? {
    let (least, most) = (counts.filter { $0 > 0 }.min() ?? 0, counts.max() ?? 0)
    guard Double(most) > tolerance * Double(least), let place = counts.firstIndex(of: most) else { return nil }
    let tenths = (1000 * most + counts.reduce(0, +) / 2) / counts.reduce(0, +)
    return "majority baseline: always answering \(classes[place]) is right for \(tenths / 10).\(tenths % 10) % of the "
      + "training images"
  }
}
