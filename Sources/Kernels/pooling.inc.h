/* Pooling of one NHWC image: vectors run over channels, windows are walked row by row.
 *
 * Gradients add into dx in the order of the output elements and, within a window, of its elements; overlapping windows
 * therefore always add in the same order.
 */
typedef struct window {
  int64_t top, bottom, left, right; /* the part inside the image */
  float area;                       /* what an average divides by */
} window;

static window window_of(const nk_pool *p, int64_t oh, int64_t ow) {
  int64_t top = oh * p->stride_h - p->pad_top, left = ow * p->stride_w - p->pad_left;
  int64_t bottom = top + p->kernel_h, right = left + p->kernel_w;
  int64_t framed_height = at_most(bottom, p->in_height + p->pad_bottom) - top;
  int64_t framed_width = at_most(right, p->in_width + p->pad_right) - left;
  window w = {top < 0 ? 0 : top, at_most(bottom, p->in_height), left < 0 ? 0 : left, at_most(right, p->in_width), 0};
  w.area = (float)(p->counts_padding ? framed_height * framed_width : (w.bottom - w.top) * (w.right - w.left));
  return w;
}

/* The chosen element of a window for n channels, and where it is. */
NK_INLINE void extreme_of(const nk_pool *p, const int minimum, const window *w, const float *x, int64_t n, float *y,
                          int32_t *index) {
  nk_floats best = nk_splat(minimum ? __builtin_inff() : -__builtin_inff());
  nk_words where = (nk_words)(uint32_t)(w->top * p->in_width + w->left);
  for (int64_t h = w->top; h < w->bottom; h++)
    for (int64_t v = w->left; v < w->right; v++) {
      nk_floats value = nk_get(x + (h * p->in_width + v) * p->channels, n);
      nk_integers take = (minimum ? value < best : value > best) | ((value != value) & (best == best));
      best = take ? value : best;
      where = take ? (nk_words)(uint32_t)(h * p->in_width + v) : where;
    }
  nk_put(y, n, best);
  /* Indices travel as the bits of floats. */
  nk_put((float *)index, n, nk_from_bits(where));
}

NK_INLINE void pool_extreme_rows(const nk_pool *p, const int minimum, const float *x, float *y, int32_t *index,
                                 int64_t from, int64_t to) {
  for (int64_t oh = from; oh < to; oh++)
    for (int64_t ow = 0; ow < p->out_width; ow++) {
      const window w = window_of(p, oh, ow);
      const ptrdiff_t at = (oh * p->out_width + ow) * p->channels;
#define EXTREME_STEP(i, n) extreme_of(p, minimum, &w, x + (i), n, y + at + (i), index + at + (i))
      NK_VECTORS(p->channels, EXTREME_STEP);
#undef EXTREME_STEP
    }
}

static void pool_extreme(const nk_pool *p, int32_t minimum, const float *x, float *y, int32_t *index, int64_t from,
                         int64_t to) {
  if (minimum)
    pool_extreme_rows(p, 1, x, y, index, from, to);
  else
    pool_extreme_rows(p, 0, x, y, index, from, to);
}

/* Offers dy to every element of the window; the one at index takes it. No lane scatters. */
NK_INLINE void extreme_gradient_of(const nk_pool *p, const window *w, const float *dy, const int32_t *index, int64_t n,
                                   float *dx) {
  const nk_floats g = nk_get(dy, n);
  const nk_words where = nk_bits(nk_get((const float *)index, n));
  for (int64_t h = w->top; h < w->bottom; h++)
    for (int64_t v = w->left; v < w->right; v++) {
      float *at = dx + (h * p->in_width + v) * p->channels;
      nk_put(at, n, nk_get(at, n) + (where == (uint32_t)(h * p->in_width + v) ? g : nk_zero()));
    }
}

static void pool_extreme_gradient(const nk_pool *p, const float *dy, const int32_t *index, float *dx) {
  fill(0.0f, dx, p->in_height * p->in_width * p->channels);
  for (int64_t oh = 0; oh < p->out_height; oh++)
    for (int64_t ow = 0; ow < p->out_width; ow++) {
      const window w = window_of(p, oh, ow);
      const ptrdiff_t at = (oh * p->out_width + ow) * p->channels;
#define GRADIENT_STEP(i, n) extreme_gradient_of(p, &w, dy + at + (i), index + at + (i), n, dx + (i))
      NK_VECTORS(p->channels, GRADIENT_STEP);
#undef GRADIENT_STEP
    }
}

NK_INLINE void average_of(const nk_pool *p, const window *w, const float *x, int64_t n, float *y) {
  nk_floats sum = nk_zero();
  for (int64_t h = w->top; h < w->bottom; h++)
    for (int64_t v = w->left; v < w->right; v++) sum += nk_get(x + (h * p->in_width + v) * p->channels, n);
  nk_put(y, n, sum / w->area);
}

static void pool_average(const nk_pool *p, const float *x, float *y, int64_t from, int64_t to) {
  for (int64_t oh = from; oh < to; oh++)
    for (int64_t ow = 0; ow < p->out_width; ow++) {
      const window w = window_of(p, oh, ow);
      float *at = y + (oh * p->out_width + ow) * p->channels;
#define AVERAGE_STEP(i, n) average_of(p, &w, x + (i), n, at + (i))
      NK_VECTORS(p->channels, AVERAGE_STEP);
#undef AVERAGE_STEP
    }
}

NK_INLINE void average_gradient_of(const nk_pool *p, const window *w, const float *dy, int64_t n, float *dx) {
  const nk_floats share = nk_get(dy, n) / w->area;
  for (int64_t h = w->top; h < w->bottom; h++)
    for (int64_t v = w->left; v < w->right; v++) {
      float *at = dx + (h * p->in_width + v) * p->channels;
      nk_put(at, n, nk_get(at, n) + share);
    }
}

static void pool_average_gradient(const nk_pool *p, const float *dy, float *dx) {
  fill(0.0f, dx, p->in_height * p->in_width * p->channels);
  for (int64_t oh = 0; oh < p->out_height; oh++)
    for (int64_t ow = 0; ow < p->out_width; ow++) {
      const window w = window_of(p, oh, ow);
      const float *at = dy + (oh * p->out_width + ow) * p->channels;
#define GRADIENT_STEP(i, n) average_gradient_of(p, &w, at + (i), n, dx + (i))
      NK_VECTORS(p->channels, GRADIENT_STEP);
#undef GRADIENT_STEP
    }
}
