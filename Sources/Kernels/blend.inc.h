/* Weighted sums of pixels, vectors over channels: images in another size, slices in another order, and the gradients of
 * both. */
static void blend(const nk_blend *b) {
  float *y = b->y;
  for (int64_t p = 0; p < b->pixels; p++, y += b->channels) {
    const int64_t from = b->starts[p], to = b->starts[p + 1];
#define BLEND_STEP(i, n)                                                                                               \
  do {                                                                                                                 \
    nk_floats sum = nk_zero();                                                                                         \
    for (int64_t r = 0; r < b->row_taps; r++) {                                                                        \
      const float *row = b->x + b->row_offsets[r] + (i);                                                               \
      nk_floats inner = nk_zero();                                                                                     \
      for (int64_t t = from; t < to; t++)                                                                              \
        inner = nk_fma(nk_splat(b->weights[t]), nk_get(row + b->offsets[t], n), inner);                                \
      sum = nk_fma(nk_splat(b->row_weights[r]), inner, sum);                                                           \
    }                                                                                                                  \
    nk_put(y + (i), n, sum);                                                                                           \
  } while (0)
    NK_VECTORS(b->channels, BLEND_STEP);
#undef BLEND_STEP
  }
}
