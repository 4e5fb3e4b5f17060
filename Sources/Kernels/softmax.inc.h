/* Softmax and cross-entropy, row by row.
 *
 * The row's maximum is taken off first: the largest term is then exp(0) = 1, so nothing overflows and the sum is at
 * least 1.
 * Every result may be written over x or dy.
 */
static void softmax(const float *x, float *y, int64_t rows, int64_t columns, int32_t logarithm) {
  for (int64_t r = 0; r < rows; r++, x += columns, y += columns) {
    const nk_floats largest = nk_splat(row_maximum(x, columns));
    nk_floats sums = nk_zero();
    if (logarithm) {
#define EXP_STEP(i, n) sums += nk_behind(nk_exp(nk_get(x + (i), n) - largest), n, 0.0f)
      NK_VECTORS(columns, EXP_STEP);
#undef EXP_STEP
      const nk_floats log_sum = nk_log(nk_splat(nk_sum_lanes(sums)));
#define LOG_STEP(i, n) nk_put(y + (i), n, (nk_get(x + (i), n) - largest) - log_sum)
      NK_VECTORS(columns, LOG_STEP);
#undef LOG_STEP
    } else {
#define EXP_STEP(i, n)                                                                                                 \
  do {                                                                                                                 \
    nk_floats power = nk_exp(nk_get(x + (i), n) - largest);                                                            \
    nk_put(y + (i), n, power);                                                                                         \
    sums += nk_behind(power, n, 0.0f);                                                                                 \
  } while (0)
      NK_VECTORS(columns, EXP_STEP);
#undef EXP_STEP
      const float sum = nk_sum_lanes(sums);
#define DIVIDE_STEP(i, n) nk_put(y + (i), n, nk_get(y + (i), n) / sum)
      NK_VECTORS(columns, DIVIDE_STEP);
#undef DIVIDE_STEP
    }
  }
}

static void softmax_gradient(const float *dy, const float *y, float *dx, int64_t rows, int64_t columns,
                             int32_t logarithm) {
  for (int64_t r = 0; r < rows; r++, dy += columns, y += columns, dx += columns) {
    if (logarithm) {
      const nk_floats sum = nk_splat(row_sum(dy, columns));
#define LOG_STEP(i, n) nk_put(dx + (i), n, nk_fma(-nk_exp(nk_get(y + (i), n)), sum, nk_get(dy + (i), n)))
      NK_VECTORS(columns, LOG_STEP);
#undef LOG_STEP
    } else {
      nk_floats sums = nk_zero();
#define SUM_STEP(i, n) sums = nk_fma(nk_get(dy + (i), n), nk_get(y + (i), n), sums)
      NK_VECTORS(columns, SUM_STEP);
#undef SUM_STEP
      const float sum = nk_sum_lanes(sums);
#define GRADIENT_STEP(i, n) nk_put(dx + (i), n, nk_get(y + (i), n) * (nk_get(dy + (i), n) - sum))
      NK_VECTORS(columns, GRADIENT_STEP);
#undef GRADIENT_STEP
    }
  }
}

/* What the loss is measured against. */
typedef struct target_rows {
  const int32_t *index;
  const float *dense, *weight;
  float keep, base; /* t' = keep * t + base */
  int64_t columns;
} target_rows;

/* weight[c] * t'[c] for the n columns from i on of row r; zeros behind them. */
NK_INLINE nk_floats weighted_target(const target_rows *t, int64_t r, int64_t i, int64_t n) {
  nk_floats target;
  if (t->index)
    target = nk_lane_numbers() == (uint32_t)(t->index[r] - i) ? nk_splat(1.0f) : nk_zero();
  else
    target = nk_get(t->dense + r * t->columns + i, n);
  target = nk_fma(target, nk_splat(t->keep), nk_splat(t->base));
  if (t->weight) target *= nk_get(t->weight + i, n);
  return nk_behind(target, n, 0.0f);
}

static target_rows targets(const int32_t *index, const float *dense, const float *weight, float smoothing,
                           int64_t columns) {
  return (target_rows){index, dense, weight, 1.0f - smoothing, smoothing / (float)columns, columns};
}

/* -sum(w t' (x - max - log sum)) is taken as log sum * sum(w t') - sum(w t' (x - max)), so that one pass over x serves
 * the loss and the probabilities. A target of zero counts nothing, even where its logit is -infinity. */
static void cross_entropy(const float *x, const int32_t *index, const float *dense, const float *weight,
                          float smoothing, int32_t ignored, float *loss, float *probabilities, int64_t rows,
                          int64_t columns) {
  const target_rows t = targets(index, dense, weight, smoothing, columns);
  for (int64_t r = 0; r < rows; r++, x += columns, probabilities += columns) {
    const nk_floats largest = nk_splat(row_maximum(x, columns));
    nk_floats powers = nk_zero(), weights = nk_zero(), weighted = nk_zero();
#define LOSS_STEP(i, n)                                                                                                \
  do {                                                                                                                 \
    nk_floats below = nk_get(x + (i), n) - largest, power = nk_exp(below);                                             \
    nk_floats target = weighted_target(&t, r, i, n);                                                                   \
    nk_put(probabilities + (i), n, power);                                                                             \
    powers += nk_behind(power, n, 0.0f);                                                                               \
    weights += target;                                                                                                 \
    weighted = target == 0.0f ? weighted : nk_fma(target, below, weighted);                                            \
  } while (0)
    NK_VECTORS(columns, LOSS_STEP);
#undef LOSS_STEP
    const float sum = nk_sum_lanes(powers);
    const nk_floats log_sum = nk_log(nk_splat(sum));
    loss[r] = nk_fma(nk_splat(nk_sum_lanes(weights)), log_sum, nk_splat(-nk_sum_lanes(weighted))).x;
    if (index && index[r] == ignored) loss[r] = 0.0f;
#define DIVIDE_STEP(i, n) nk_put(probabilities + (i), n, nk_get(probabilities + (i), n) / sum)
    NK_VECTORS(columns, DIVIDE_STEP);
#undef DIVIDE_STEP
  }
}

static void cross_entropy_gradient(const float *dloss, const float *probabilities, const int32_t *index,
                                   const float *dense, const float *weight, float smoothing, int32_t ignored,
                                   float *dx, int64_t rows, int64_t columns) {
  const target_rows t = targets(index, dense, weight, smoothing, columns);
  for (int64_t r = 0; r < rows; r++, probabilities += columns, dx += columns) {
    if (index && index[r] == ignored) {
      fill(0.0f, dx, columns);
      continue;
    }
    nk_floats weights = nk_zero();
#define WEIGHT_STEP(i, n) weights += weighted_target(&t, r, i, n)
    NK_VECTORS(columns, WEIGHT_STEP);
#undef WEIGHT_STEP
    const nk_floats sum = nk_splat(nk_sum_lanes(weights));
#define GRADIENT_STEP(i, n)                                                                                            \
  nk_put(dx + (i), n, dloss[r] * nk_fma(nk_get(probabilities + (i), n), sum, -weighted_target(&t, r, i, n)))
    NK_VECTORS(columns, GRADIENT_STEP);
#undef GRADIENT_STEP
  }
}
