/* Depthwise convolution: every channel is convolved with a kernel of its own, so that vectors run over channels and no
 * sum crosses them.
 *
 * Forward and input gradient: a tile of some pixels by one vector of channels stays in registers while all taps are
 * walked; the weights of a tap are loaded once a tile. Weight gradient: the sums of some taps stay in registers while
 * the pixels of a row are walked; dy is loaded once a group of taps. As many pixels or taps go together as gemm's tiles
 * have rows, split evenly. A chain of additions never leaves its lane: tiles do not change the bits.
 */

/* `rows` pixels from `pixel` on, one vector of channels from `channel` on. rows and whole (no masks) are constants. */
NK_INLINE void depthwise_tile(const nk_depthwise *d, int64_t pixel, int64_t channel, const int rows, const int whole) {
  const nk_lanes lanes = nk_first(d->channels - channel);
  const ptrdiff_t x_pixel = d->x_pixel, y_pixel = d->y_pixel;
  float *const y = d->y + pixel * y_pixel + channel;
  nk_floats sum[NK_TILE_ROWS];
  if (d->start) {
    const float *start = d->start + pixel * y_pixel + channel;
    NK_UNROLL for (int i = 0; i < rows; i++) sum[i] = gemm_load(start + i * y_pixel, whole, lanes);
  } else {
    NK_UNROLL for (int i = 0; i < rows; i++) sum[i] = nk_zero();
  }

  const float *const x = d->x + pixel * x_pixel + channel, *const weights = d->weights + channel;
  for (int64_t tap = 0; tap < d->taps; tap++) {
    const nk_floats weight = gemm_load(weights + d->weight_offsets[tap], whole, lanes);
    const float *const from = x + d->x_offsets[tap];
    NK_UNROLL for (int i = 0; i < rows; i++)
      sum[i] = nk_fma(gemm_load(from + i * x_pixel, whole, lanes), weight, sum[i]);
  }

  if (d->bias) {
    const nk_floats bias = gemm_load(d->bias + channel, whole, lanes);
    NK_UNROLL for (int i = 0; i < rows; i++) sum[i] += bias;
  }
  if (d->relu) {
    NK_UNROLL for (int i = 0; i < rows; i++) sum[i] = nk_relu(sum[i]);
  }
  NK_UNROLL for (int i = 0; i < rows; i++) gemm_store(y + i * y_pixel, whole, lanes, sum[i]);
}

/* `taps` taps from `first` on, over all pixels of the row. taps and whole are constants. */
NK_INLINE void depthwise_sums(const nk_depthwise_sums *d, int64_t first, int64_t channel, const int taps,
                              const int whole) {
  const nk_lanes lanes = nk_first(d->channels - channel);
  const ptrdiff_t x_pixel = d->x_pixel, channels = d->channels;
  float *const sums = d->sums + first * channels + channel;
  const float *x[NK_TILE_ROWS];
  nk_floats sum[NK_TILE_ROWS];
  NK_UNROLL for (int t = 0; t < taps; t++) {
    x[t] = d->x + d->x_offsets[first + t] + channel;
    sum[t] = d->accumulate ? gemm_load(sums + t * channels, whole, lanes) : nk_zero();
  }

  const float *dy = d->dy + channel;
  for (int64_t pixel = 0; pixel < d->pixels; pixel++, dy += channels) {
    const nk_floats gradient = gemm_load(dy, whole, lanes);
    NK_UNROLL for (int t = 0; t < taps; t++)
      sum[t] = nk_fma(gemm_load(x[t] + pixel * x_pixel, whole, lanes), gradient, sum[t]);
  }
  NK_UNROLL for (int t = 0; t < taps; t++) gemm_store(sums + t * channels, whole, lanes, sum[t]);
}

/* depthwise_<count>_<whole> and depthwise_sums_<count>_<whole>; in the tables, `whole` before count. */
typedef void depthwise_kernel(const nk_depthwise *d, int64_t pixel, int64_t channel);
typedef void depthwise_sums_kernel(const nk_depthwise_sums *d, int64_t first, int64_t channel);

#define DEPTHWISE_DEFINE(count, whole)                                                                                 \
  static void depthwise_##count##_##whole(const nk_depthwise *d, int64_t pixel, int64_t channel) {                    \
    depthwise_tile(d, pixel, channel, count, whole);                                                                   \
  }                                                                                                                    \
  static void depthwise_sums_##count##_##whole(const nk_depthwise_sums *d, int64_t first, int64_t channel) {          \
    depthwise_sums(d, first, channel, count, whole);                                                                   \
  }
#define DEPTHWISE_NAME(count, whole) depthwise_##count##_##whole,
#define DEPTHWISE_SUMS_NAME(count, whole) depthwise_sums_##count##_##whole,

GEMM_ROWS(DEPTHWISE_DEFINE, 0)
GEMM_ROWS(DEPTHWISE_DEFINE, 1)
static depthwise_kernel *const depthwise_kernels[] = {GEMM_ROWS(DEPTHWISE_NAME, 0) GEMM_ROWS(DEPTHWISE_NAME, 1)};
static depthwise_sums_kernel *const depthwise_sums_kernels[] = {
    GEMM_ROWS(DEPTHWISE_SUMS_NAME, 0) GEMM_ROWS(DEPTHWISE_SUMS_NAME, 1)};

/* Runs STEP(first, count) on even shares of `size`, at most NK_TILE_ROWS each. */
#define DEPTHWISE_SHARES(size, STEP)                                                                                   \
  do {                                                                                                                 \
    const int64_t shares = ((size) + NK_TILE_ROWS - 1) / NK_TILE_ROWS;                                                 \
    for (int64_t share = 0, first = 0; share < shares; share++) {                                                      \
      const int64_t count = (size) / shares + (share < (size) % shares);                                               \
      STEP(first, count);                                                                                              \
      first += count;                                                                                                  \
    }                                                                                                                  \
  } while (0)

static void depthwise(const nk_depthwise *d) {
  /* All channels of a tile of pixels before the next tile: memory is walked in its order. */
#define DEPTHWISE_STEP(first, count)                                                                                   \
  for (int64_t channel = 0; channel < d->channels; channel += NK_LANES)                                                \
  depthwise_kernels[(d->channels - channel >= NK_LANES) * NK_TILE_ROWS + count - 1](d, first, channel)
  DEPTHWISE_SHARES(d->pixels, DEPTHWISE_STEP);
#undef DEPTHWISE_STEP
}

static void depthwise_gradient(const nk_depthwise_sums *d) {
  for (int64_t channel = 0; channel < d->channels; channel += NK_LANES) {
    const int64_t whole = d->channels - channel >= NK_LANES;
#define DEPTHWISE_STEP(first, count) depthwise_sums_kernels[whole * NK_TILE_ROWS + count - 1](d, first, channel)
    DEPTHWISE_SHARES(d->taps, DEPTHWISE_STEP);
#undef DEPTHWISE_STEP
  }
}
