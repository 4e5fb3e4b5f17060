/// A plan computes something else than the arithmetic that it is compared with: nobody should time it.
package struct Disagreement: Error {
  /// Which plan, what it was compared with, and the name of the error: a sentence that the number ends.
  package let what: String
  /// The worst relative error.
  package let error: Double
}
