/* Sums, means and maxima over the middle axis of x[outer][middle][inner], and over flat memory.
 *
 * inner == 1: the middle is contiguous and runs over 16 lanes. Otherwise one chain a column, in row order. The maximum
 * of nothing is -infinity; NaN wins.
 */
NK_INLINE nk_floats reduce_step(const int maximum, nk_floats a, nk_floats b) {
  return maximum ? nk_larger(a, b) : a + b;
}

NK_INLINE float row_sum(const float *x, int64_t count) {
  nk_floats sum = nk_zero();
#define SUM_STEP(i, n) sum += nk_get(x + (i), n)
  NK_VECTORS(count, SUM_STEP);
#undef SUM_STEP
  return nk_sum_lanes(sum);
}

NK_INLINE float row_maximum(const float *x, int64_t count) {
  const float lowest = -__builtin_inff();
  nk_floats largest = nk_splat(lowest);
#define MAXIMUM_STEP(i, n) largest = nk_larger(largest, nk_behind(nk_get(x + (i), n), n, lowest))
  NK_VECTORS(count, MAXIMUM_STEP);
#undef MAXIMUM_STEP
  float y = lowest;
  for (int i = 0; i < NK_LANES; i++) y = largest[i] > y || largest[i] != largest[i] ? largest[i] : y;
  return y;
}

/* `vectors` vectors of columns at once (the last holds n), so that independent chains hide the latency of addition. */
NK_INLINE void reduce_columns(const int maximum, const float *x, int64_t middle, int64_t inner, const int vectors,
                              int64_t n, float divisor, float *y) {
  nk_floats total[4];
  NK_UNROLL for (int v = 0; v < vectors; v++) total[v] = maximum ? nk_splat(-__builtin_inff()) : nk_zero();
  for (int64_t m = 0; m < middle; m++, x += inner)
    NK_UNROLL for (int v = 0; v < vectors; v++) total[v] = reduce_step(maximum, total[v], nk_get(x + v * NK_LANES, n));
  NK_UNROLL for (int v = 0; v < vectors; v++) nk_put(y + v * NK_LANES, n, maximum ? total[v] : total[v] / divisor);
}

NK_INLINE void reduce_all(const int maximum, const float *x, int64_t outer, int64_t middle, int64_t inner,
                          float divisor, float *y) {
  for (int64_t o = 0; o < outer; o++, x += middle * inner, y += inner) {
    if (inner == 1) {
      *y = maximum ? row_maximum(x, middle) : row_sum(x, middle) / divisor;
      continue;
    }
    int64_t i = 0;
    for (; i + 4 * NK_LANES <= inner; i += 4 * NK_LANES)
      reduce_columns(maximum, x + i, middle, inner, 4, NK_LANES, divisor, y + i);
    for (; i + NK_LANES <= inner; i += NK_LANES)
      reduce_columns(maximum, x + i, middle, inner, 1, NK_LANES, divisor, y + i);
    if (i < inner) reduce_columns(maximum, x + i, middle, inner, 1, inner - i, divisor, y + i);
  }
}

static void reduce(nk_reduction kind, const float *x, int64_t outer, int64_t middle, int64_t inner, float *y) {
  switch (kind) {
  case NK_SUM:
    return reduce_all(0, x, outer, middle, inner, 1.0f, y);
  case NK_MEAN:
    return reduce_all(0, x, outer, middle, inner, (float)middle, y);
  case NK_MAXIMUM:
    return reduce_all(1, x, outer, middle, inner, 1.0f, y);
  }
}

/* dx[m] = x[m] == y ? dy / (how many are) : 0 */
static void maximum_gradient_row(float dy, const float *x, float y, int64_t middle, float *dx) {
  nk_floats ties = nk_zero();
#define TIES_STEP(i, n) ties += nk_behind(nk_get(x + (i), n) == y ? nk_splat(1.0f) : nk_zero(), n, 0.0f)
  NK_VECTORS(middle, TIES_STEP);
#undef TIES_STEP
  const float share = dy / nk_sum_lanes(ties);
#define SHARE_STEP(i, n) nk_put(dx + (i), n, nk_get(x + (i), n) == y ? nk_splat(share) : nk_zero())
  NK_VECTORS(middle, SHARE_STEP);
#undef SHARE_STEP
}

NK_INLINE void maximum_gradient_columns(const float *dy, const float *x, const float *y, int64_t middle, int64_t inner,
                                        int64_t n, float *dx) {
  const nk_floats largest = nk_get(y, n);
  nk_floats ties = nk_zero();
  for (int64_t m = 0; m < middle; m++) ties += nk_get(x + m * inner, n) == largest ? nk_splat(1.0f) : nk_zero();
  const nk_floats share = nk_get(dy, n) / ties;
  for (int64_t m = 0; m < middle; m++)
    nk_put(dx + m * inner, n, nk_get(x + m * inner, n) == largest ? share : nk_zero());
}

static void maximum_gradient(const float *dy, const float *x, const float *y, int64_t outer, int64_t middle,
                             int64_t inner, float *dx) {
  for (int64_t o = 0; o < outer; o++, dy += inner, y += inner, x += middle * inner, dx += middle * inner) {
    if (inner == 1) {
      maximum_gradient_row(*dy, x, *y, middle, dx);
      continue;
    }
#define MAXIMUM_STEP(i, n) maximum_gradient_columns(dy + (i), x + (i), y + (i), middle, inner, n, dx + (i))
    NK_VECTORS(inner, MAXIMUM_STEP);
#undef MAXIMUM_STEP
  }
}

static float sum_squares(const float *x, int64_t count) {
  nk_floats sum = nk_zero();
#define SQUARES_STEP(i, n)                                                                                             \
  do {                                                                                                                 \
    nk_floats value = nk_get(x + (i), n);                                                                              \
    sum = nk_fma(value, value, sum);                                                                                   \
  } while (0)
  NK_VECTORS(count, SQUARES_STEP);
#undef SQUARES_STEP
  return nk_sum_lanes(sum);
}

static int32_t all_finite(const float *x, int64_t count) {
  nk_words worst = 0;
#define FINITE_STEP(i, n) worst |= (nk_words)((nk_bits(nk_get(x + (i), n)) & 0x7F800000u) == 0x7F800000u)
  NK_VECTORS(count, FINITE_STEP);
#undef FINITE_STEP
  uint32_t any = 0;
  for (int i = 0; i < NK_LANES; i++) any |= worst[i];
  return any == 0;
}
