/* Normalisation by statistics of each row: of groups of channels, and of neighbouring channels. */
static void standardize(const float *x, int64_t pixels, ptrdiff_t pixel, int64_t groups, int64_t width, float epsilon,
                        float *y, float *rstd) {
  const float count = (float)(pixels * width);
  for (int64_t g = 0; g < groups; g++, x += width, y += width) {
    nk_floats sums = nk_zero(), squares = nk_zero();
#define SUM_STEP(i, n) sums += nk_get(row + (i), n)
    for (int64_t p = 0; p < pixels; p++) {
      const float *row = x + p * pixel;
      NK_VECTORS(width, SUM_STEP);
    }
#undef SUM_STEP
    const float mean = nk_sum_lanes(sums) / count;
#define SQUARE_STEP(i, n)                                                                                              \
  do {                                                                                                                 \
    nk_floats distance = nk_behind(nk_get(row + (i), n) - mean, n, 0.0f);                                              \
    squares = nk_fma(distance, distance, squares);                                                                     \
  } while (0)
    for (int64_t p = 0; p < pixels; p++) {
      const float *row = x + p * pixel;
      NK_VECTORS(width, SQUARE_STEP);
    }
#undef SQUARE_STEP
    const float deviation = 1.0f / nk_root(nk_splat(nk_sum_lanes(squares) / count + epsilon)).x;
    rstd[g] = deviation;
#define SCALE_STEP(i, n) nk_put(to + (i), n, (nk_get(row + (i), n) - mean) * deviation)
    for (int64_t p = 0; p < pixels; p++) {
      const float *row = x + p * pixel;
      float *to = y + p * pixel;
      NK_VECTORS(width, SCALE_STEP);
    }
#undef SCALE_STEP
  }
}

static void standardize_gradient(const float *dy, const float *y, const float *rstd, int64_t pixels, ptrdiff_t pixel,
                                 int64_t groups, int64_t width, float *dx) {
  const float count = (float)(pixels * width);
  for (int64_t g = 0; g < groups; g++, dy += width, y += width, dx += width) {
    nk_floats sums = nk_zero(), products = nk_zero();
#define SUM_STEP(i, n)                                                                                                 \
  do {                                                                                                                 \
    nk_floats slope = nk_get(from + (i), n);                                                                           \
    sums += slope;                                                                                                     \
    products = nk_fma(slope, nk_get(row + (i), n), products);                                                          \
  } while (0)
    for (int64_t p = 0; p < pixels; p++) {
      const float *from = dy + p * pixel, *row = y + p * pixel;
      NK_VECTORS(width, SUM_STEP);
    }
#undef SUM_STEP
    const float mean = nk_sum_lanes(sums) / count;
    const nk_floats product = nk_splat(-(nk_sum_lanes(products) / count));
#define GRADIENT_STEP(i, n)                                                                                            \
  nk_put(to + (i), n, nk_fma(product, nk_get(row + (i), n), nk_get(from + (i), n) - mean) * rstd[g])
    for (int64_t p = 0; p < pixels; p++) {
      const float *from = dy + p * pixel, *row = y + p * pixel;
      float *to = dx + p * pixel;
      NK_VECTORS(width, GRADIENT_STEP);
    }
#undef GRADIENT_STEP
  }
}

/* Elements at + 0 ... n - 1 of a row of `count`, zeros where there are none. */
NK_INLINE nk_floats neighbours(const float *row, int64_t at, int64_t n, int64_t count) {
  if (at >= 0 && at + n <= count) return nk_get(row + at, n);
  nk_floats x = nk_zero();
  for (int64_t i = 0; i < n; i++)
    if (at + i >= 0 && at + i < count) x[i] = row[at + i];
  return x;
}

static void response(const nk_response *k, const float *x, float *y, float *d, int64_t rows, int64_t channels) {
  for (int64_t r = 0; r < rows; r++, x += channels, y += channels, d += channels) {
#define RESPONSE_STEP(i, n)                                                                                            \
  do {                                                                                                                 \
    nk_floats squares = nk_zero();                                                                                     \
    for (int64_t j = -k->before; j <= k->after; j++) {                                                                 \
      nk_floats near = neighbours(x, (i) + j, n, channels);                                                            \
      squares = nk_fma(near, near, squares);                                                                           \
    }                                                                                                                  \
    nk_floats divisor = nk_fma(nk_splat(k->scale), squares, nk_splat(k->bias));                                        \
    nk_put(d + (i), n, divisor);                                                                                       \
    nk_put(y + (i), n, nk_get(x + (i), n) * nk_exp(-k->beta * nk_log(divisor)));                                       \
  } while (0)
    NK_VECTORS(channels, RESPONSE_STEP);
#undef RESPONSE_STEP
  }
}

static void response_gradient(const nk_response *k, const float *dy, const float *x, const float *y, const float *d,
                              float *dx, int64_t rows, int64_t channels) {
  const nk_floats factor = nk_splat(-2.0f * k->beta * k->scale);
  for (int64_t r = 0; r < rows; r++, dy += channels, x += channels, y += channels, d += channels, dx += channels) {
#define GRADIENT_STEP(i, n)                                                                                            \
  do {                                                                                                                 \
    nk_floats sum = nk_zero();                                                                                         \
    for (int64_t j = -k->after; j <= k->before; j++) {                                                                 \
      nk_floats slope = neighbours(dy, (i) + j, n, channels), divisor = neighbours(d, (i) + j, n, channels);           \
      divisor = divisor == 0.0f ? nk_splat(1.0f) : divisor;                                                            \
      sum = nk_fma(slope, neighbours(y, (i) + j, n, channels) / divisor, sum);                                         \
    }                                                                                                                  \
    nk_floats own = nk_get(dy + (i), n) * nk_exp(-k->beta * nk_log(nk_get(d + (i), n)));                               \
    nk_put(dx + (i), n, nk_fma(factor * nk_get(x + (i), n), sum, own));                                                \
  } while (0)
    NK_VECTORS(channels, GRADIENT_STEP);
#undef GRADIENT_STEP
  }
}
