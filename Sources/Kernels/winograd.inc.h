/* Winograd's minimal filtering F(m x m, 3 x 3), m = 2 or 4, for 3 x 3 windows of stride 1:
 *
 *   y = A' [ (G g G') . (B' d B) ] A
 *
 * with one (m + 2) x (m + 2) input tile d for m x m outputs. The products of all channels at one of the (m + 2)^2 points
 * are a matrix product of tiles by channels, which `gemm` computes. F(4, 3) multiplies 4 times less than the direct sum,
 * F(2, 3) 2.25 times; both round differently from it, which makes them numeric classes of their own. Every element goes
 * through one fixed sequence of operations: neither tiles nor threads change the bits.
 *
 * The gradient of the weights goes the same way backward, dg = G' [ sum over tiles of (B' d B) . (A dy A') ] G.
 *
 * Points are 0, 1, -1, (2, -2,) infinity.
 */

enum { WINOGRAD_SIDE = 6 /* the larger input tile's */ };

/* out = B' in over one line of m + 2 values. */
NK_INLINE void winograd_input_line(const int m, const nk_floats *in, nk_floats *out) {
  if (m == 2) {
    out[0] = in[0] - in[2];
    out[1] = in[1] + in[2];
    out[2] = in[2] - in[1];
    out[3] = in[1] - in[3];
    return;
  }
  const nk_floats four = nk_splat(4.0f), minus_four = nk_splat(-4.0f), minus_five = nk_splat(-5.0f);
  const nk_floats even = nk_fma(minus_four, in[2], in[4]), odd = nk_fma(minus_four, in[1], in[3]);
  const nk_floats near = in[4] - in[2], far = in[3] - in[1];
  out[0] = nk_fma(four, in[0], nk_fma(minus_five, in[2], in[4]));
  out[1] = even + odd;
  out[2] = even - odd;
  out[3] = nk_fma(nk_splat(2.0f), far, near);
  out[4] = nk_fma(nk_splat(-2.0f), far, near);
  out[5] = nk_fma(four, in[1], nk_fma(minus_five, in[3], in[5]));
}

/* out = A' in: m values of m + 2. */
NK_INLINE void winograd_output_line(const int m, const nk_floats *in, nk_floats *out) {
  const nk_floats sum = in[1] + in[2], difference = in[1] - in[2];
  if (m == 2) {
    out[0] = in[0] + sum;
    out[1] = difference - in[3];
    return;
  }
  const nk_floats far_sum = in[3] + in[4], far_difference = in[3] - in[4];
  out[0] = (in[0] + sum) + far_sum;
  out[1] = nk_fma(nk_splat(2.0f), far_difference, difference);
  out[2] = nk_fma(nk_splat(4.0f), far_sum, sum);
  out[3] = nk_fma(nk_splat(8.0f), far_difference, difference) + in[5];
}

/* out = G in: m + 2 values of 3. */
NK_INLINE void winograd_weight_line(const int m, const nk_floats *in, nk_floats *out) {
  if (m == 2) {
    const nk_floats half = nk_splat(0.5f), ends = in[0] + in[2];
    out[0] = in[0];
    out[1] = half * (ends + in[1]);
    out[2] = half * (ends - in[1]);
    out[3] = in[2];
    return;
  }
  const nk_floats ends = in[0] + in[2], far = nk_fma(nk_splat(4.0f), in[2], in[0]), middle = in[1] + in[1];
  out[0] = nk_splat(0.25f) * in[0];
  out[1] = nk_splat(-1.0f / 6.0f) * (ends + in[1]);
  out[2] = nk_splat(-1.0f / 6.0f) * (ends - in[1]);
  out[3] = nk_splat(1.0f / 24.0f) * (far + middle);
  out[4] = nk_splat(1.0f / 24.0f) * (far - middle);
  out[5] = in[2];
}

/* out = A in: m + 2 values of m, the transpose of `winograd_output_line`. */
NK_INLINE void winograd_spread_line(const int m, const nk_floats *in, nk_floats *out) {
  if (m == 2) {
    out[0] = in[0];
    out[1] = in[0] + in[1];
    out[2] = in[0] - in[1];
    out[3] = -in[1];
    return;
  }
  const nk_floats even = in[0] + in[2], odd = in[1] + in[3];
  const nk_floats far_even = nk_fma(nk_splat(4.0f), in[2], in[0]);
  const nk_floats far_odd = nk_fma(nk_splat(8.0f), in[3], in[1] + in[1]);
  out[0] = in[0];
  out[1] = even + odd;
  out[2] = even - odd;
  out[3] = far_even + far_odd;
  out[4] = far_even - far_odd;
  out[5] = in[3];
}

/* out = G' in: 3 values of m + 2, the transpose of `winograd_weight_line`. */
NK_INLINE void winograd_tap_line(const int m, const nk_floats *in, nk_floats *out) {
  const nk_floats sum = in[1] + in[2], difference = in[1] - in[2];
  if (m == 2) {
    const nk_floats half = nk_splat(0.5f);
    out[0] = nk_fma(half, sum, in[0]);
    out[1] = half * difference;
    out[2] = nk_fma(half, sum, in[3]);
    return;
  }
  const nk_floats near = nk_splat(-1.0f / 6.0f);
  const nk_floats far_sum = in[3] + in[4], far_difference = in[3] - in[4];
  out[0] = nk_fma(near, sum, nk_fma(nk_splat(1.0f / 24.0f), far_sum, nk_splat(0.25f) * in[0]));
  out[1] = nk_fma(near, difference, nk_splat(1.0f / 12.0f) * far_difference);
  out[2] = nk_fma(near, sum, nk_fma(nk_splat(1.0f / 6.0f), far_sum, in[5]));
}

/* One tile of n channels. `lines` keeps the half transformed tile in the first-level cache. */
NK_INLINE void winograd_input_tile(const int m, const float *from, ptrdiff_t row, ptrdiff_t pixel, float *v,
                                   ptrdiff_t plane, int64_t n) {
  const int side = m + 2;
  nk_floats lines[WINOGRAD_SIDE * WINOGRAD_SIDE], in[WINOGRAD_SIDE], out[WINOGRAD_SIDE];
  NK_UNROLL for (int j = 0; j < side; j++) {
    NK_UNROLL for (int i = 0; i < side; i++) in[i] = nk_get(from + i * row + j * pixel, n);
    winograd_input_line(m, in, out);
    NK_UNROLL for (int i = 0; i < side; i++) lines[i * side + j] = out[i];
  }
  NK_UNROLL for (int i = 0; i < side; i++) {
    winograd_input_line(m, lines + i * side, out);
    NK_UNROLL for (int j = 0; j < side; j++) nk_put(v + (i * side + j) * plane, n, out[j]);
  }
}

NK_INLINE void winograd_input_tiles(const int m, const nk_winograd *w, const float *frame, float *v) {
  for (int64_t i = 0; i < w->tile_rows; i++)
    for (int64_t j = 0; j < w->tile_columns; j++, v += w->channels) {
      const float *from = frame + i * m * w->frame_row + j * m * w->channels;
#define INPUT_STEP(c, n) winograd_input_tile(m, from + (c), w->frame_row, w->channels, v + (c), w->input_plane, n)
      NK_VECTORS(w->channels, INPUT_STEP);
#undef INPUT_STEP
    }
}

static void winograd_input(const nk_winograd *w, const float *frame, float *v) {
  if (w->m == 2)
    winograd_input_tiles(2, w, frame, v);
  else
    winograd_input_tiles(4, w, frame, v);
}

/* One tile of n outputs, of which the first `rows` x `columns` exist. */
NK_INLINE void winograd_output_tile(const int m, const nk_winograd *w, const float *product, const float *bias,
                                    const float *addend, float *y, int64_t rows, int64_t columns, int64_t n) {
  const int side = m + 2;
  nk_floats lines[4][WINOGRAD_SIDE], in[WINOGRAD_SIDE], out[4];
  NK_UNROLL for (int j = 0; j < side; j++) {
    NK_UNROLL for (int i = 0; i < side; i++) in[i] = nk_get(product + (i * side + j) * w->product_plane, n);
    winograd_output_line(m, in, out);
    NK_UNROLL for (int i = 0; i < m; i++) lines[i][j] = out[i];
  }
  const nk_floats offset = bias ? nk_get(bias, n) : nk_zero();
  NK_UNROLL for (int i = 0; i < m; i++) {
    if (i >= rows) break;
    winograd_output_line(m, lines[i], out);
    NK_UNROLL for (int j = 0; j < m; j++) {
      if (j >= columns) break;
      const ptrdiff_t at = i * w->y_row + j * w->y_pixel;
      nk_floats value = bias ? out[j] + offset : out[j];
      if (addend) value += nk_get(addend + at, n);
      nk_put(y + at, n, w->relu ? nk_relu(value) : value);
    }
  }
}

NK_INLINE void winograd_output_tiles(const int m, const nk_winograd *w, const float *product, const float *bias,
                                     const float *addend, float *y) {
  for (int64_t i = 0; i < w->tile_rows; i++)
    for (int64_t j = 0; j < w->tile_columns; j++, product += w->outputs) {
      const ptrdiff_t at = i * m * w->y_row + j * m * w->y_pixel;
      const int64_t rows = w->out_rows - i * m, columns = w->out_columns - j * m;
#define OUTPUT_STEP(c, n)                                                                                              \
  winograd_output_tile(m, w, product + (c), bias ? bias + (c) : NULL, addend ? addend + at + (c) : NULL, y + at + (c),  \
                       rows, columns, n)
      NK_VECTORS(w->outputs, OUTPUT_STEP);
#undef OUTPUT_STEP
    }
}

static void winograd_output(const nk_winograd *w, const float *product, const float *bias, const float *addend,
                            float *y) {
  if (w->m == 2)
    winograd_output_tiles(2, w, product, bias, addend, y);
  else
    winograd_output_tiles(4, w, product, bias, addend, y);
}

/* The product of tiles by channels at each point. */
static void winograd_multiply(const nk_winograd *w, const float *v, const float *weights, float *product,
                              int64_t tiles) {
  const ptrdiff_t zero = 0;
  const int points = (w->m + 2) * (w->m + 2);
  nk_gemm g = {.a = v,
               .a_offsets = &zero,
               .a_row = w->channels,
               .a_depth = 1,
               .b = weights,
               .b_offsets = &zero,
               .b_row = w->panel,
               .b_panel = w->panel * w->channels,
               .c = product,
               .c_row = w->outputs,
               .rows = tiles,
               .columns = w->outputs,
               .depth = w->channels,
               .taps = 1,
               .panel = w->panel};
  for (int point = 0; point < points; point++) {
    gemm(&g);
    g.a += w->input_plane;
    g.b += w->weights_plane;
    g.c += w->product_plane;
  }
}

/* One tile of m x m gradients of n outputs. */
NK_INLINE void winograd_spread_tile(const int m, const float *from, ptrdiff_t row, ptrdiff_t pixel, float *to,
                                    ptrdiff_t plane, int64_t n) {
  const int side = m + 2;
  nk_floats lines[WINOGRAD_SIDE * 4], in[4], out[WINOGRAD_SIDE];
  NK_UNROLL for (int j = 0; j < m; j++) {
    NK_UNROLL for (int i = 0; i < m; i++) in[i] = nk_get(from + i * row + j * pixel, n);
    winograd_spread_line(m, in, out);
    NK_UNROLL for (int i = 0; i < side; i++) lines[i * m + j] = out[i];
  }
  NK_UNROLL for (int i = 0; i < side; i++) {
    winograd_spread_line(m, lines + i * m, out);
    NK_UNROLL for (int j = 0; j < side; j++) nk_put(to + (i * side + j) * plane, n, out[j]);
  }
}

NK_INLINE void winograd_spread_tiles(const int m, const nk_winograd *w, const float *dy, float *products) {
  for (int64_t i = 0; i < w->tile_rows; i++)
    for (int64_t j = 0; j < w->tile_columns; j++, products += w->outputs) {
      const float *from = dy + i * m * w->y_row + j * m * w->y_pixel;
#define SPREAD_STEP(c, n) winograd_spread_tile(m, from + (c), w->y_row, w->y_pixel, products + (c), w->product_plane, n)
      NK_VECTORS(w->outputs, SPREAD_STEP);
#undef SPREAD_STEP
    }
}

static void winograd_spread(const nk_winograd *w, const float *dy, float *products) {
  if (w->m == 2)
    winograd_spread_tiles(2, w, dy, products);
  else
    winograd_spread_tiles(4, w, dy, products);
}

/* The product of channels by outputs, summed over tiles, at each point. */
static void winograd_correlate(const nk_winograd *w, const float *v, const float *products, float *sums, int64_t tiles,
                               int32_t accumulate) {
  const ptrdiff_t zero = 0;
  const int points = (w->m + 2) * (w->m + 2);
  nk_gemm g = {.a = v,
               .a_offsets = &zero,
               .a_row = 1,
               .a_depth = w->channels,
               .b = products,
               .b_offsets = &zero,
               .b_row = w->outputs,
               .b_panel = w->panel,
               .c = sums,
               .c_row = w->y_pixel,
               .rows = w->channels,
               .columns = w->outputs,
               .depth = tiles,
               .taps = 1,
               .panel = w->panel,
               .start = accumulate ? sums : NULL};
  for (int point = 0; point < points; point++) {
    gemm(&g);
    g.a += w->input_plane;
    g.b += w->product_plane;
    g.c += w->channels * w->y_pixel;
    if (g.start) g.start = g.c;
  }
}

NK_INLINE void winograd_taps_vector(const int m, const float *from, int64_t size, float *to, int64_t n) {
  const int side = m + 2;
  nk_floats lines[3][WINOGRAD_SIDE], in[WINOGRAD_SIDE], out[3];
  NK_UNROLL for (int j = 0; j < side; j++) {
    NK_UNROLL for (int i = 0; i < side; i++) in[i] = nk_get(from + (i * side + j) * size, n);
    winograd_tap_line(m, in, out);
    NK_UNROLL for (int i = 0; i < 3; i++) lines[i][j] = out[i];
  }
  NK_UNROLL for (int i = 0; i < 3; i++) {
    winograd_tap_line(m, lines[i], out);
    NK_UNROLL for (int j = 0; j < 3; j++) nk_put(to + (i * 3 + j) * size, n, out[j]);
  }
}

static void winograd_taps(int32_t m, const float *from, int64_t size, float *to, int64_t first, int64_t count) {
#define TAPS_2(i, n) winograd_taps_vector(2, from + first + (i), size, to + first + (i), n)
#define TAPS_4(i, n) winograd_taps_vector(4, from + first + (i), size, to + first + (i), n)
  if (m == 2)
    NK_VECTORS(count, TAPS_2);
  else
    NK_VECTORS(count, TAPS_4);
#undef TAPS_2
#undef TAPS_4
}

NK_INLINE void winograd_weights_vector(const int m, const float *from, int64_t size, float *to, int64_t n) {
  const int side = m + 2;
  nk_floats lines[WINOGRAD_SIDE][3], in[3], out[WINOGRAD_SIDE];
  NK_UNROLL for (int j = 0; j < 3; j++) {
    NK_UNROLL for (int i = 0; i < 3; i++) in[i] = nk_get(from + (i * 3 + j) * size, n);
    winograd_weight_line(m, in, out);
    NK_UNROLL for (int i = 0; i < side; i++) lines[i][j] = out[i];
  }
  NK_UNROLL for (int i = 0; i < side; i++) {
    winograd_weight_line(m, lines[i], out);
    NK_UNROLL for (int j = 0; j < side; j++) nk_put(to + (i * side + j) * size, n, out[j]);
  }
}

static void winograd_weights(int32_t m, const float *from, int64_t size, float *to, int64_t first, int64_t count) {
#define WEIGHTS_2(i, n) winograd_weights_vector(2, from + first + (i), size, to + first + (i), n)
#define WEIGHTS_4(i, n) winograd_weights_vector(4, from + first + (i), size, to + first + (i), n)
  if (m == 2)
    NK_VECTORS(count, WEIGHTS_2);
  else
    NK_VECTORS(count, WEIGHTS_4);
#undef WEIGHTS_2
#undef WEIGHTS_4
}
