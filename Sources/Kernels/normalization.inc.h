/* Batch normalization and its relatives over rows of channels.
 *
 * Sums over rows are one chain a column, so a block of columns is walked down all rows at once. Where there are fewer
 * channels than lanes, sixteen rows are read as one row of sixteen times the channels (see `fold`).
 */

/* Walks down the rows of all columns, four vectors at a time: COLUMNS(first column, vectors, columns of the last). */
#define COLUMN_BLOCKS(columns, COLUMNS)                                                                                \
  do {                                                                                                                 \
    int64_t nk_c = 0;                                                                                                  \
    for (; nk_c + 4 * NK_LANES <= (columns); nk_c += 4 * NK_LANES) COLUMNS(nk_c, 4, NK_LANES);                         \
    for (; nk_c + NK_LANES <= (columns); nk_c += NK_LANES) COLUMNS(nk_c, 1, NK_LANES);                                 \
    if (nk_c < (columns)) COLUMNS(nk_c, 1, (columns)-nk_c);                                                            \
  } while (0)

/* Walks down blocks of rows, two vectors at a time, for loops that keep many numbers of a column in registers and work
 * element by element: BLOCK(first row, rows, first column, vectors, columns of the last). A block is small enough that
 * memory is read from front to back. */
#define ROW_BLOCKS(rows, columns, BLOCK)                                                                               \
  for (int64_t nk_r = 0; nk_r < (rows); nk_r += 16) {                                                                  \
    const int64_t nk_rows = at_most(16, (rows)-nk_r);                                                                  \
    int64_t nk_c = 0;                                                                                                  \
    for (; nk_c + 2 * NK_LANES <= (columns); nk_c += 2 * NK_LANES) BLOCK(nk_r, nk_rows, nk_c, 2, NK_LANES);            \
    for (; nk_c + NK_LANES <= (columns); nk_c += NK_LANES) BLOCK(nk_r, nk_rows, nk_c, 1, NK_LANES);                    \
    if (nk_c < (columns)) BLOCK(nk_r, nk_rows, nk_c, 1, (columns)-nk_c);                                               \
  }

NK_INLINE void moments_columns(const float *x, int64_t rows, int64_t columns, const int vectors, int64_t n,
                               float *mean, float *m2) {
  nk_floats sum[4], center[4], squares[4];
  NK_UNROLL for (int v = 0; v < vectors; v++) sum[v] = squares[v] = nk_zero();
  for (int64_t r = 0; r < rows; r++)
    NK_UNROLL for (int v = 0; v < vectors; v++) sum[v] += nk_get(x + r * columns + v * NK_LANES, n);
  NK_UNROLL for (int v = 0; v < vectors; v++) center[v] = sum[v] / (float)rows;
  for (int64_t r = 0; r < rows; r++)
    NK_UNROLL for (int v = 0; v < vectors; v++) {
      nk_floats distance = nk_get(x + r * columns + v * NK_LANES, n) - center[v];
      squares[v] = nk_fma(distance, distance, squares[v]);
    }
  NK_UNROLL for (int v = 0; v < vectors; v++) {
    nk_put(mean + v * NK_LANES, n, center[v]);
    nk_put(m2 + v * NK_LANES, n, squares[v]);
  }
}

static void moments(const float *x, int64_t rows, int64_t columns, float *mean, float *m2) {
#define MOMENTS(c, vectors, n) moments_columns(x + (c), rows, columns, vectors, n, mean + (c), m2 + (c))
  COLUMN_BLOCKS(columns, MOMENTS);
#undef MOMENTS
}

/* dy where the fused ReLU let x * scale + shift pass, else 0. */
NK_INLINE nk_floats gated(nk_floats dy, nk_floats x, nk_floats scale, nk_floats shift) {
  return nk_fma(x, scale, shift) > 0.0f ? dy : nk_zero();
}

NK_INLINE void batch_norm_sums_columns(const float *dy, const float *x, const int gate, const float *scale,
                                       const float *shift, const float *mean, const float *rstd, int64_t rows,
                                       int64_t columns, const int vectors, int64_t n, float *sum_dy, float *sum_dy_x) {
  nk_floats center[4], factor[4], offset[4], sum[4], product[4];
  NK_UNROLL for (int v = 0; v < vectors; v++) {
    center[v] = nk_get(mean + v * NK_LANES, n);
    factor[v] = gate ? nk_get(scale + v * NK_LANES, n) : nk_zero();
    offset[v] = gate ? nk_get(shift + v * NK_LANES, n) : nk_zero();
    sum[v] = product[v] = nk_zero();
  }
  for (int64_t r = 0; r < rows; r++)
    NK_UNROLL for (int v = 0; v < vectors; v++) {
      const ptrdiff_t at = r * columns + v * NK_LANES;
      nk_floats value = nk_get(x + at, n), g = nk_get(dy + at, n);
      if (gate) g = gated(g, value, factor[v], offset[v]);
      sum[v] += g;
      product[v] = nk_fma(g, value - center[v], product[v]);
    }
  NK_UNROLL for (int v = 0; v < vectors; v++) {
    nk_put(sum_dy + v * NK_LANES, n, sum[v]);
    nk_put(sum_dy_x + v * NK_LANES, n, product[v] * nk_get(rstd + v * NK_LANES, n));
  }
}

static void batch_norm_sums(const float *dy, const float *x, const float *scale, const float *shift, const float *mean,
                            const float *rstd, int64_t rows, int64_t columns, float *sum_dy, float *sum_dy_x) {
#define GATED(c, vectors, n)                                                                                           \
  batch_norm_sums_columns(dy + (c), x + (c), 1, scale + (c), shift + (c), mean + (c), rstd + (c), rows, columns,       \
                          vectors, n, sum_dy + (c), sum_dy_x + (c))
#define PLAIN(c, vectors, n)                                                                                           \
  batch_norm_sums_columns(dy + (c), x + (c), 0, NULL, NULL, mean + (c), rstd + (c), rows, columns, vectors, n,         \
                          sum_dy + (c), sum_dy_x + (c))
  if (scale)
    COLUMN_BLOCKS(columns, GATED);
  else
    COLUMN_BLOCKS(columns, PLAIN);
#undef GATED
#undef PLAIN
}

/* Repeats a row of channels sixteen times. */
static void fold(const float *row, int64_t columns, float *folded) {
  for (int64_t i = 0; i < NK_LANES * columns; i++) folded[i] = row[i % columns];
}

/* y[r][c] = x[r][c] * scale[c] + shift[c], then ReLU. */
NK_INLINE void affine_columns(const float *x, const float *scale, const float *shift, const int relu, float *y,
                              int64_t rows, int64_t columns, const int vectors, int64_t n) {
  nk_floats factor[2], offset[2];
  NK_UNROLL for (int v = 0; v < vectors; v++) {
    factor[v] = nk_get(scale + v * NK_LANES, n);
    offset[v] = nk_get(shift + v * NK_LANES, n);
  }
  for (int64_t r = 0; r < rows; r++)
    NK_UNROLL for (int v = 0; v < vectors; v++) {
      const ptrdiff_t at = r * columns + v * NK_LANES;
      nk_floats value = nk_fma(nk_get(x + at, n), factor[v], offset[v]);
      nk_put(y + at, n, relu ? nk_relu(value) : value);
    }
}

static void affine(const float *x, const float *scale, const float *shift, int32_t relu, float *y, int64_t rows,
                   int64_t columns) {
  float folded_scale[NK_LANES * NK_LANES], folded_shift[NK_LANES * NK_LANES];
  if (columns < NK_LANES && rows >= NK_LANES) {
    fold(scale, columns, folded_scale);
    fold(shift, columns, folded_shift);
    const int64_t wide = NK_LANES * columns, done = rows / NK_LANES;
    affine(x, folded_scale, folded_shift, relu, y, done, wide);
    return affine(x + done * wide, folded_scale, folded_shift, relu, y + done * wide, 1, rows * columns - done * wide);
  }
#define RELU(r, count, c, vectors, n)                                                                                  \
  affine_columns(x + (r)*columns + (c), scale + (c), shift + (c), 1, y + (r)*columns + (c), count, columns, vectors, n)
#define PLAIN(r, count, c, vectors, n)                                                                                 \
  affine_columns(x + (r)*columns + (c), scale + (c), shift + (c), 0, y + (r)*columns + (c), count, columns, vectors, n)
  if (relu)
    ROW_BLOCKS(rows, columns, RELU)
  else
    ROW_BLOCKS(rows, columns, PLAIN)
#undef RELU
#undef PLAIN
}

/* One side of a sum for n channels from c on. */
NK_INLINE nk_floats addend_of(const nk_addend *side, const int affine, ptrdiff_t row, ptrdiff_t c, int64_t n) {
  nk_floats value = nk_get(side->x + row + c, n);
  if (!affine) return value;
  value = nk_fma(value, nk_get(side->scale + c, n), nk_get(side->shift + c, n));
  return side->relu ? nk_relu(value) : value;
}

NK_INLINE void normalized_sum_rows(const nk_addend *a, const nk_addend *b, const int a_affine, const int b_affine,
                                   int32_t relu, float *y, int64_t rows, int64_t columns) {
  for (int64_t r = 0; r < rows; r++) {
    const ptrdiff_t row = r * columns;
#define SUM_STEP(i, n)                                                                                                 \
  do {                                                                                                                 \
    nk_floats sum = addend_of(a, a_affine, row, i, n) + addend_of(b, b_affine, row, i, n);                             \
    nk_put(y + row + (i), n, relu ? nk_relu(sum) : sum);                                                               \
  } while (0)
    NK_VECTORS(columns, SUM_STEP);
#undef SUM_STEP
  }
}

static void normalized_sum(const nk_addend *a, const nk_addend *b, int32_t relu, float *y, int64_t rows,
                           int64_t columns) {
  if (a->scale && b->scale)
    normalized_sum_rows(a, b, 1, 1, relu, y, rows, columns);
  else if (a->scale)
    normalized_sum_rows(a, b, 1, 0, relu, y, rows, columns);
  else if (b->scale)
    normalized_sum_rows(a, b, 0, 1, relu, y, rows, columns);
  else
    normalized_sum_rows(a, b, 0, 0, relu, y, rows, columns);
}

static void gated_sum(const float *a, const float *b, const float *y, float *dx, int64_t count) {
#define SUM_STEP(i, n)                                                                                                 \
  do {                                                                                                                 \
    nk_floats sum = nk_get(a + (i), n);                                                                                \
    if (b) sum += nk_get(b + (i), n);                                                                                  \
    if (y) sum = nk_get(y + (i), n) > 0.0f ? sum : nk_zero();                                                          \
    nk_put(dx + (i), n, sum);                                                                                          \
  } while (0)
  NK_VECTORS(count, SUM_STEP);
#undef SUM_STEP
}

NK_INLINE void batch_norm_gradient_columns(const float *dy, const float *x, const int gate, const float *scale,
                                           const float *shift, const float *a, const float *b, const float *d,
                                           float *dx, int64_t rows, int64_t columns, const int vectors, int64_t n) {
  nk_floats factor[2], offset[2], of_g[2], of_x[2], rest[2];
  NK_UNROLL for (int v = 0; v < vectors; v++) {
    factor[v] = gate ? nk_get(scale + v * NK_LANES, n) : nk_zero();
    offset[v] = gate ? nk_get(shift + v * NK_LANES, n) : nk_zero();
    of_g[v] = nk_get(a + v * NK_LANES, n);
    of_x[v] = nk_get(b + v * NK_LANES, n);
    rest[v] = nk_get(d + v * NK_LANES, n);
  }
  for (int64_t r = 0; r < rows; r++)
    NK_UNROLL for (int v = 0; v < vectors; v++) {
      const ptrdiff_t at = r * columns + v * NK_LANES;
      nk_floats value = nk_get(x + at, n), g = nk_get(dy + at, n);
      if (gate) g = gated(g, value, factor[v], offset[v]);
      nk_put(dx + at, n, nk_fma(of_g[v], g, nk_fma(of_x[v], value, rest[v])));
    }
}

static void batch_norm_gradient(const float *dy, const float *x, const float *scale, const float *shift, const float *a,
                                const float *b, const float *d, float *dx, int64_t rows, int64_t columns) {
#define GATED(r, count, c, vectors, n)                                                                                 \
  batch_norm_gradient_columns(dy + (r)*columns + (c), x + (r)*columns + (c), 1, scale + (c), shift + (c), a + (c),     \
                              b + (c), d + (c), dx + (r)*columns + (c), count, columns, vectors, n)
#define PLAIN(r, count, c, vectors, n)                                                                                 \
  batch_norm_gradient_columns(dy + (r)*columns + (c), x + (r)*columns + (c), 0, NULL, NULL, a + (c), b + (c), d + (c), \
                              dx + (r)*columns + (c), count, columns, vectors, n)
  if (scale)
    ROW_BLOCKS(rows, columns, GATED)
  else
    ROW_BLOCKS(rows, columns, PLAIN)
#undef GATED
#undef PLAIN
}

NK_INLINE nk_floats floats_of_bytes(const uint8_t *from, int64_t n) {
  return __builtin_convertvector(nk_get_bytes(from, n), nk_floats);
}

static void normalize_bytes(const uint8_t *x, const float *scale, const float *shift, float *y, int64_t pixels,
                            int64_t channels) {
  float folded_scale[NK_LANES * NK_LANES], folded_shift[NK_LANES * NK_LANES];
  if (channels < NK_LANES && pixels >= NK_LANES) {
    fold(scale, channels, folded_scale);
    fold(shift, channels, folded_shift);
    const int64_t wide = NK_LANES * channels, done = pixels / NK_LANES;
    normalize_bytes(x, folded_scale, folded_shift, y, done, wide);
    return normalize_bytes(x + done * wide, folded_scale, folded_shift, y + done * wide, 1,
                           pixels * channels - done * wide);
  }
  for (int64_t p = 0; p < pixels; p++, x += channels, y += channels) {
#define BYTES_STEP(i, n)                                                                                               \
  nk_put(y + (i), n, nk_fma(floats_of_bytes(x + (i), n), nk_get(scale + (i), n), nk_get(shift + (i), n)))
    NK_VECTORS(channels, BYTES_STEP);
#undef BYTES_STEP
  }
}
