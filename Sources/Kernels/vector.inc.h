/* The vector layer: every kernel is written over vectors of 16 lanes, whatever the width of the machine's registers.
 *
 * The compiler splits a 16-lane vector into one 512-bit, two 256-bit or four 128-bit registers. What it cannot derive
 * stands in `vector_<isa>.h`, which is included before this file: `nk_fma`, the type `nk_lanes` with `nk_first(n)` (the
 * first n lanes), and `nk_load_lanes`, `nk_store_lanes`, which touch no byte of the other lanes.
 *
 * Comparisons and choices are written as `a > b ? a : b`, not with a minimum or maximum of the compiler's: this form
 * says what becomes of NaN and of signed zeros, and so gives the same bits on every machine.
 */
#define NK_LANES 16

typedef float nk_floats_at __attribute__((ext_vector_type(16), aligned(4)));
typedef float nk_floats8 __attribute__((ext_vector_type(8)));
typedef float nk_floats4 __attribute__((ext_vector_type(4)));
typedef uint32_t nk_words __attribute__((ext_vector_type(16)));
typedef int32_t nk_integers __attribute__((ext_vector_type(16)));
typedef uint8_t nk_bytes __attribute__((ext_vector_type(16)));

NK_INLINE nk_floats nk_splat(float value) { return (nk_floats)(value); }

#ifndef NK_HAS_FMA_BROADCAST
/* sum[v] += *left * right[v] */
NK_INLINE void nk_fma_broadcast(const float *left, const nk_floats *right, nk_floats *sum, const int vectors) {
  const nk_floats element = nk_splat(*left);
  NK_UNROLL for (int v = 0; v < vectors; v++) sum[v] = nk_fma(element, right[v], sum[v]);
}
#endif

NK_INLINE nk_floats nk_zero(void) { return (nk_floats)(0.0f); }
NK_INLINE nk_floats nk_load(const float *from) { return *(const nk_floats_at *)from; }
NK_INLINE void nk_store(float *to, nk_floats value) { *(nk_floats_at *)to = value; }

/* The first n floats, zeros behind them. With a constant n of 16 this is a plain load. */
NK_INLINE nk_floats nk_get(const float *from, int64_t n) {
  return n >= NK_LANES ? nk_load(from) : nk_load_lanes(from, nk_first(n));
}

NK_INLINE void nk_put(float *to, int64_t n, nk_floats value) {
  if (n >= NK_LANES)
    nk_store(to, value);
  else
    nk_store_lanes(to, nk_first(n), value);
}

/* The first n bytes, zeros behind them. */
NK_INLINE nk_bytes nk_get_bytes(const uint8_t *from, int64_t n) {
  nk_bytes bytes = 0;
  if (n >= NK_LANES)
    memcpy(&bytes, from, sizeof bytes);
  else
    for (int64_t i = 0; i < n; i++) bytes[i] = from[i];
  return bytes;
}

NK_INLINE void nk_put_bytes(uint8_t *to, int64_t n, nk_bytes bytes) {
  if (n >= NK_LANES)
    memcpy(to, &bytes, sizeof bytes);
  else
    for (int64_t i = 0; i < n; i++) to[i] = bytes[i];
}

NK_INLINE nk_words nk_bits(nk_floats value) { return (nk_words)value; }
NK_INLINE nk_floats nk_from_bits(nk_words value) { return (nk_floats)value; }
NK_INLINE nk_floats nk_absolute(nk_floats x) { return nk_from_bits(nk_bits(x) & 0x7FFFFFFFu); }

/* The magnitude of the first with the sign of the second. */
NK_INLINE nk_floats nk_with_sign(nk_floats magnitude, nk_floats sign) {
  return nk_from_bits((nk_bits(magnitude) & 0x7FFFFFFFu) | (nk_bits(sign) & 0x80000000u));
}

/* max(x, 0); NaN stays NaN. */
NK_INLINE nk_floats nk_relu(nk_floats x) { return x < 0.0f ? nk_zero() : x; }

/* The larger one; NaN wins, and between equals the first. */
NK_INLINE nk_floats nk_larger(nk_floats a, nk_floats b) { return b > a || b != b ? b : a; }

NK_INLINE nk_floats nk_root(nk_floats x) { return __builtin_elementwise_sqrt(x); }

/* The numbers of the lanes. */
NK_INLINE nk_words nk_lane_numbers(void) { return (nk_words){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; }

/* The lanes at and behind n become `other`. */
NK_INLINE nk_floats nk_behind(nk_floats x, int64_t n, float other) {
  return nk_lane_numbers() < (uint32_t)n ? x : nk_splat(other);
}

/* The fixed order of every sum along contiguous memory: 8 + 8, 4 + 4, 2 + 2, 1 + 1. */
NK_INLINE float nk_sum_lanes(nk_floats x) {
  nk_floats8 eight = x.lo + x.hi;
  nk_floats4 four = eight.lo + eight.hi;
  return (four.x + four.z) + (four.y + four.w);
}

/* Runs STEP(i, n) on every full vector (n is the constant 16) and once on the rest. */
#define NK_VECTORS(count, STEP)                                                                                        \
  do {                                                                                                                 \
    int64_t nk_i = 0;                                                                                                  \
    for (; nk_i + NK_LANES <= (count); nk_i += NK_LANES) STEP(nk_i, NK_LANES);                                         \
    if (nk_i < (count)) STEP(nk_i, (count) - nk_i);                                                                    \
  } while (0)
