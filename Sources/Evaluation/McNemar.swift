import NunchiSystem

/// McNemar's exact test: whether two models that answer the same images are right equally often.
enum McNemar {
  /// The two-sided p value of the binomial test with n = `fixes + breaks` and chance ½:
  /// min(1, 2 · Σ C(n, i) / 2ⁿ for i up to the smaller number). Cost: the smaller number.
  static func pValue(fixes: Int, breaks: Int) -> Double {
    precondition(fixes >= 0 && breaks >= 0)
    let n = fixes + breaks
    // In logarithms, because 2⁻ⁿ underflows from n = 1075 on.
    var term = -Double(n) * log(2)
    var sum = 0.0
    for i in 0...min(fixes, breaks) {
      sum += exp(term)
      term += log(Double(n - i) / Double(i + 1))
    }
    return fixes == breaks ? 1 : min(1, 2 * sum)
  }
}
