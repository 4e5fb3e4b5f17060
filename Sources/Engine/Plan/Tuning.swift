/// How finely problems are cut into pieces for the cache, where that was measured: the share of the rule's own piece, by
/// problem. All shares compute the same bits; they differ in time alone.
public struct Tuning: Sendable, Equatable {
  /// Pieces relative to the rule's; the first is the rule's own.
  public static let shares: [Double] = [1, 0.5, 2]

  /// The index of the fastest share, by problem.
  public private(set) var choices: [String: Int]

  /// Choices that name no share are left out.
  public init(_ choices: [String: Int] = [:]) {
    self.choices = choices.filter { Self.shares.indices.contains($0.value) }
  }

  /// The size of the pieces that was fastest for a problem; nil where that was not measured.
  public subscript(problem: String) -> Int? {
    get { choices[problem] }
    set { choices[problem] = newValue.flatMap { Self.shares.indices.contains($0) ? $0 : nil } }
  }

  /// A number of bytes, rows or columns that the rule gives to a piece of the problem, as it was found to be best.
  func piece(_ size: Int, of problem: String) -> Int {
    max(1, Int(Double(size) * Self.shares[choices[problem] ?? 0]))
  }
}
