/// A plan disagrees with the reference arithmetic, so it is not timed.
package struct Disagreement: Error {
  /// The beginning of a sentence that `error` ends: which plan, compared with what, and which measure.
  package let what: String
  /// The worst relative error.
  package let error: Double
}
