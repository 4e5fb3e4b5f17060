/// Measured piece sizes, as shares of the size that the rule gives, keyed by problem. All shares compute the same bits;
/// they differ in time alone.
public struct Tuning: Sendable, Equatable {
  /// Piece sizes relative to the rule's; the first is the rule's own.
  public static let shares: [Double] = [1, 0.5, 2]

  /// The index of the fastest share, by problem.
  public private(set) var choices: [String: Int]

  /// Choices that name no share are left out.
  public init(_ choices: [String: Int] = [:]) {
    self.choices = choices.filter { Self.shares.indices.contains($0.value) }
  }

  /// The index of the fastest share for a problem; nil where it was not measured.
  public subscript(problem: String) -> Int? {
    get { choices[problem] }
    set { choices[problem] = newValue.flatMap { Self.shares.indices.contains($0) ? $0 : nil } }
  }

  /// `size`, the piece in bytes, rows or columns that the rule gives, times the fastest share.
  func piece(_ size: Int, of problem: String) -> Int {
    max(1, Int(Double(size) * Self.shares[choices[problem] ?? 0]))
  }
}
