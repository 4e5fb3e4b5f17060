/* exp, log, tanh and their relatives on 16 lanes, within 4 units in the last place.
 *
 * The polynomials are minimax fits of the relative error over the reduced range; the form around each keeps the exact
 * leading terms (1 + r, f - f^2 / 2, x) outside the fitted part, so that rounding of the coefficients hardly matters.
 * Integers are taken from the bits of floats, never converted: a conversion of NaN has no defined result.
 */

/* exp(x) = 2^n * (1 + tail) with n = round(x / ln 2) and |x - n ln 2| <= ln 2 / 2. x lies within +-126 / ln 2. */
typedef struct nk_exponential {
  nk_words n;
  nk_floats tail;
} nk_exponential;

NK_INLINE nk_exponential nk_split_exponential(nk_floats x) {
  const float round_to_integer = 0x1.8p23f; /* adding it leaves the rounded integer in the low bits */
  /* ln 2 in two parts; the first has ten bits, so that n times it is exact without fused multiply-add too. */
  const float ln2_high = 0x1.63p-1f, ln2_low = -0x1.bd0106p-13f;
  nk_floats shifted = nk_fma(x, nk_splat(0x1.715476p0f), nk_splat(round_to_integer));
  nk_floats n = shifted - round_to_integer;
  nk_floats r = nk_fma(n, nk_splat(-ln2_high), x);
  r = nk_fma(n, nk_splat(-ln2_low), r);
  nk_floats q = nk_splat(0x1.6a2352p-10f);
  q = nk_fma(q, r, nk_splat(0x1.123a6cp-7f));
  q = nk_fma(q, r, nk_splat(0x1.5558f4p-5f));
  q = nk_fma(q, r, nk_splat(0x1.555490p-3f));
  q = nk_fma(q, r, nk_splat(0x1.fffffcp-2f));
  return (nk_exponential){nk_bits(shifted) - nk_bits(nk_splat(round_to_integer)), nk_fma(r * r, q, r)};
}

/* 2^n for n within -126 ... 127. */
NK_INLINE nk_floats nk_power_of_two(nk_words n) { return nk_from_bits((n + 127u) << 23); }

NK_INLINE nk_floats nk_exp(nk_floats x) {
  /* Beyond these the result is infinity or rounds to zero. NaN passes both comparisons. */
  x = x > 89.0f ? nk_splat(89.0f) : x;
  x = x < -104.0f ? nk_splat(-104.0f) : x;
  nk_exponential e = nk_split_exponential(x);
  /* Two factors, because 2^n alone may not be representable where the product is. */
  nk_words half = (nk_words)((nk_integers)e.n >> 1);
  return (1.0f + e.tail) * nk_power_of_two(half) * nk_power_of_two(e.n - half);
}

/* exp(x) - 1 for x <= 0, relatively accurate near zero too. */
NK_INLINE nk_floats nk_exp_minus_one(nk_floats x) {
  x = x < -30.0f ? nk_splat(-30.0f) : x;
  nk_exponential e = nk_split_exponential(x);
  nk_floats scale = nk_power_of_two(e.n);
  return nk_fma(scale, e.tail, scale - 1.0f);
}

NK_INLINE nk_floats nk_log(nk_floats x) {
  const float infinity = __builtin_inff();
  /* Denormals are scaled up; x = 2^e * (1 + f) with 1 + f within sqrt(1/2) ... sqrt(2). */
  nk_words small = (nk_words)(x < 0x1p-126f);
  nk_floats scaled = x < 0x1p-126f ? x * 0x1p24f : x;
  nk_words offset = nk_bits(scaled) - 0x3F3504F3u; /* the bits of sqrt(1/2) */
  nk_integers exponent = ((nk_integers)offset >> 23) - (nk_integers)(small & 24u);
  nk_floats f = nk_from_bits((offset & 0x007FFFFFu) + 0x3F3504F3u) - 1.0f;
  nk_floats e = __builtin_convertvector(exponent, nk_floats);

  nk_floats q = nk_splat(-0x1.38b58cp-4f);
  q = nk_fma(q, f, nk_splat(0x1.055b70p-3f));
  q = nk_fma(q, f, nk_splat(-0x1.0d8542p-3f));
  q = nk_fma(q, f, nk_splat(0x1.22da1cp-3f));
  q = nk_fma(q, f, nk_splat(-0x1.547244p-3f));
  q = nk_fma(q, f, nk_splat(0x1.99a008p-3f));
  q = nk_fma(q, f, nk_splat(-0x1.000226p-2f));
  q = nk_fma(q, f, nk_splat(0x1.555554p-2f));
  nk_floats square = f * f;
  nk_floats tail = nk_fma(square * f, q, e * -0x1.bd0106p-13f);
  tail = nk_fma(square, nk_splat(-0.5f), tail);
  nk_floats y = nk_fma(e, nk_splat(0x1.63p-1f), f + tail);

  y = x == infinity ? x : y;
  y = x == 0.0f ? nk_splat(-infinity) : y;
  return x < 0.0f || x != x ? nk_splat(__builtin_nanf("")) : y;
}

/* log(1 + x) for 0 <= x <= 1: what 1 + x rounds away is put back by the quotient. */
NK_INLINE nk_floats nk_log_one_plus(nk_floats x) {
  nk_floats sum = 1.0f + x, rounded = sum - 1.0f;
  nk_floats y = nk_log(sum) * (x / rounded);
  return rounded == 0.0f ? x : y;
}

/* 1 / (1 + exp(-x)), from exp(-|x|), which cannot overflow. */
NK_INLINE nk_floats nk_sigmoid(nk_floats x) {
  nk_floats e = nk_exp(-nk_absolute(x));
  return (x < 0.0f ? e : nk_splat(1.0f)) / (1.0f + e);
}

/* min(max(x, low), high); NaN stays NaN. */
NK_INLINE nk_floats nk_clip(nk_floats x, nk_floats low, nk_floats high) {
  x = x < low ? low : x;
  return x > high ? high : x;
}

NK_INLINE nk_floats nk_hard_sigmoid(nk_floats x) {
  return nk_clip(nk_fma(x, nk_splat(1.0f / 6.0f), nk_splat(0.5f)), nk_zero(), nk_splat(1.0f));
}

/* The share of a normal distribution below x, and its density there: both from exp(-x^2 / 2), which cannot overflow.
 * erfc(z) = exp(-z^2) * w(z); with u = 1 / (1 + 0.3 z) the function w(z) / u is smooth over all z >= 0. */
typedef struct nk_normal {
  nk_floats below, density;
} nk_normal;

NK_INLINE nk_normal nk_normal_at(nk_floats x) {
  nk_floats z = nk_absolute(x) * 0x1.6a09e6p-1f;
  nk_floats e = nk_exp(x * x * -0.5f);
  nk_floats u = 1.0f / nk_fma(z, nk_splat(0.3f), nk_splat(1.0f));
  nk_floats q = nk_splat(-0x1.08b564p-3f);
  q = nk_fma(q, u, nk_splat(0x1.efeb96p-2f));
  q = nk_fma(q, u, nk_splat(-0x1.04ffbap-1f));
  q = nk_fma(q, u, nk_splat(0x1.1704acp-1f));
  q = nk_fma(q, u, nk_splat(-0x1.7c30d6p-4f));
  q = nk_fma(q, u, nk_splat(0x1.b6a380p-3f));
  q = nk_fma(q, u, nk_splat(0x1.302c36p-3f));
  q = nk_fma(q, u, nk_splat(0x1.5d932cp-3f));
  q = nk_fma(q, u, nk_splat(0x1.5a7ff4p-3f));
  nk_floats tail = e * (0.5f * u * q);
  return (nk_normal){x < 0.0f ? tail : 1.0f - tail, e * 0x1.988454p-2f};
}

NK_INLINE nk_floats nk_tanh(nk_floats x) {
  nk_floats a = nk_absolute(x), s = x * x;
  nk_floats q = nk_splat(-0x1.75e1c8p-8f);
  q = nk_fma(q, s, nk_splat(0x1.52269ap-6f));
  q = nk_fma(q, s, nk_splat(-0x1.b83c5ap-5f));
  q = nk_fma(q, s, nk_splat(0x1.110726p-3f));
  q = nk_fma(q, s, nk_splat(-0x1.555532p-2f));
  nk_floats near = nk_fma(x * s, q, x);
  nk_floats far = 1.0f - 2.0f / (nk_exp(a + a) + 1.0f);
  return nk_with_sign(a < 0.625f ? near : far, x);
}

/* tanh(log(1 + exp(x))) and its slope, from w = exp(-|x|), which cannot overflow. */
typedef struct nk_soft_gate {
  nk_floats gate, slope;
} nk_soft_gate;

NK_INLINE nk_soft_gate nk_soft_gate_at(nk_floats x) {
  nk_floats w = nk_exp(-nk_absolute(x)), square = w * w;
  nk_floats top = x < 0.0f ? nk_fma(nk_splat(2.0f), w, square) : nk_fma(nk_splat(2.0f), w, nk_splat(1.0f));
  nk_floats bottom = x < 0.0f ? 2.0f + top : nk_fma(nk_splat(2.0f), square, top);
  nk_floats rise = 4.0f * (1.0f + w) * (x < 0.0f ? w : square);
  return (nk_soft_gate){top / bottom, rise / (bottom * bottom)};
}

/* sqrt(2 / pi) * (x + 0.044715 x^3); (1 + tanh) / 2 of it is the sigmoid of its double. */
NK_INLINE nk_floats nk_gelu_inner(nk_floats x) {
  return x * nk_fma(x * x, nk_splat(0x1.2444f2p-5f), nk_splat(0x1.988454p-1f));
}
