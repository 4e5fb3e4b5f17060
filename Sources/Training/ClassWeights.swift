/// What each class counts in the loss, and why.
public struct ClassWeights: Sendable, Hashable {
  /// One a class, averaging 1 over the training images; nil: every class counts the same.
  public let values: [Float]?
  /// The decision in a sentence.
  public let reason: String

  /// A class may have so many times the images of another before the loss makes up for it.
  public static let tolerance = 1.5

  /// weight[c] = images / (classes · images of c), over the classes that have images.
  public init(_ rule: TrainingSettings.Imbalance, counts: [Int]) {
    let present = counts.filter { $0 > 0 }
    let (least, most) = (present.min() ?? 0, present.max() ?? 0)
    guard rule == .auto else {
      (values, reason) = (nil, "classes count the same: weights were not asked for")
      return
    }
    guard Double(most) > Self.tolerance * Double(least) else {
      (values, reason) = (nil, "classes count the same: they have \(least) to \(most) images")
      return
    }
    let images = Float(present.reduce(0, +))
    values = counts.map { $0 == 0 ? 0 : images / (Float(present.count) * Float($0)) }
    reason = "classes are weighed by their rarity: they have \(least) to \(most) images"
  }
}
