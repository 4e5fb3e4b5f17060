/* Pooling of one NHWC image: vectors run over channels, windows are walked row by row.
 *
 * Gradients add into dx in the order of the output elements, so that overlapping windows always add in the same order.
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

/* What a pool of extremes reads and writes. */
typedef struct extremes {
  const float *x, *scale, *shift;
  int32_t relu, raw;
  float *y;
  int32_t *index;
  uint8_t *place;
} extremes;

/* The chosen element of a window for n channels. (i, j) runs over the rows [i0, i1) and columns [j0, j1) of the window,
 * `corner` is where its element (0, 0) would be in x, `at` the result's element. */
NK_INLINE void extreme_of(const nk_pool *p, const extremes *e, const int minimum, const int affine, int64_t i0,
                          int64_t i1, int64_t j0, int64_t j1, int64_t kernel_w, ptrdiff_t corner, ptrdiff_t at,
                          ptrdiff_t channel, int64_t n) {
  const nk_floats scale = affine ? nk_get(e->scale + channel, n) : nk_zero();
  const nk_floats shift = affine ? nk_get(e->shift + channel, n) : nk_zero();
  nk_floats best = nk_splat(minimum ? __builtin_inff() : -__builtin_inff());
  nk_words where = (nk_words)(uint32_t)(i0 * kernel_w + j0);
  const float *image = e->x + corner * p->channels + channel;
  nk_floats chosen = nk_get(image + (i0 * p->in_width + j0) * p->channels, n);
  for (int64_t i = i0; i < i1; i++)
    for (int64_t j = j0; j < j1; j++) {
      const nk_floats element = nk_get(image + (i * p->in_width + j) * p->channels, n);
      nk_floats value = element;
      if (affine) value = nk_fma(value, scale, shift);
      if (affine && e->relu) value = nk_relu(value);
      nk_integers take = (minimum ? value < best : value > best) | ((value != value) & (best == best));
      best = take ? value : best;
      if (affine) chosen = take ? element : chosen;
      where = take ? (nk_words)(uint32_t)(i * kernel_w + j) : where;
    }
  nk_put(e->y + at, n, affine && e->raw ? chosen : best);
  if (e->place) nk_put_bytes(e->place + at, n, __builtin_convertvector(where, nk_bytes));
  if (e->index) {
    const uint32_t width = (uint32_t)kernel_w;
    const nk_words row = where / width;
    const nk_words pixel = (uint32_t)corner + row * (uint32_t)p->in_width + (where - row * width);
    nk_put((float *)e->index + at, n, nk_from_bits(pixel)); /* indices travel as the bits of floats */
  }
}

/* Windows of a constant size inside the image are unrolled; those that the border cuts are not. */
NK_INLINE void extreme_rows(const nk_pool *p, const extremes *e, const int minimum, const int affine,
                            const int64_t kernel_h, const int64_t kernel_w, int64_t from, int64_t to) {
  for (int64_t oh = from; oh < to; oh++)
    for (int64_t ow = 0; ow < p->out_width; ow++) {
      const window w = window_of(p, oh, ow);
      const int64_t top = oh * p->stride_h - p->pad_top, left = ow * p->stride_w - p->pad_left;
      const ptrdiff_t corner = top * p->in_width + left, at = (oh * p->out_width + ow) * p->channels;
#define WHOLE(c, n)                                                                                                    \
  extreme_of(p, e, minimum, affine, 0, kernel_h, 0, kernel_w, kernel_w, corner, at + (c), c, n)
#define CUT(c, n)                                                                                                      \
  extreme_of(p, e, minimum, affine, w.top - top, w.bottom - top, w.left - left, w.right - left, kernel_w, corner,      \
             at + (c), c, n)
      if (w.bottom - w.top == kernel_h && w.right - w.left == kernel_w)
        NK_VECTORS(p->channels, WHOLE);
      else
        NK_VECTORS(p->channels, CUT);
#undef WHOLE
#undef CUT
    }
}

static void pool_extreme(const nk_pool *p, int32_t minimum, const float *x, const float *scale, const float *shift,
                         int32_t relu, int32_t raw, float *y, int32_t *index, uint8_t *place, int64_t from,
                         int64_t to) {
  const extremes e = {x, scale, shift, relu, raw, y, index, place};
  const int64_t h = p->kernel_h, w = p->kernel_w;
  if (minimum)
    scale ? extreme_rows(p, &e, 1, 1, h, w, from, to) : extreme_rows(p, &e, 1, 0, h, w, from, to);
  else if (h == 2 && w == 2)
    scale ? extreme_rows(p, &e, 0, 1, 2, 2, from, to) : extreme_rows(p, &e, 0, 0, 2, 2, from, to);
  else if (h == 3 && w == 3)
    scale ? extreme_rows(p, &e, 0, 1, 3, 3, from, to) : extreme_rows(p, &e, 0, 0, 3, 3, from, to);
  else
    scale ? extreme_rows(p, &e, 0, 1, h, w, from, to) : extreme_rows(p, &e, 0, 0, h, w, from, to);
}

/* Offers the dy of one result to row i of its window; the element at `place` takes it. No lane scatters. Where windows
 * do not meet, what was there is not read. */
NK_INLINE void extreme_gradient_of(const nk_pool *p, const int meet, const float *dy, const uint8_t *place, int64_t n,
                                   int64_t i, int64_t j0, int64_t j1, int64_t kernel_w, float *dx) {
  const nk_floats g = nk_get(dy, n);
  const nk_words where = __builtin_convertvector(nk_get_bytes(place, n), nk_words);
  for (int64_t j = j0; j < j1; j++) {
    nk_floats share = where == (uint32_t)(i * kernel_w + j) ? g : nk_zero();
    float *at = dx + (j - j0) * p->channels;
    nk_put(at, n, meet ? nk_get(at, n) + share : share);
  }
}

/* Row i of the windows of result row oh, into one row of dx. */
NK_INLINE void extreme_gradient_row(const nk_pool *p, const int meet, const int64_t kernel_w, const float *dy,
                                    const uint8_t *place, int64_t oh, int64_t i, float *dx) {
  for (int64_t ow = 0; ow < p->out_width; ow++) {
    const int64_t left = ow * p->stride_w - p->pad_left;
    const int64_t j0 = left < 0 ? -left : 0, j1 = at_most(kernel_w, p->in_width - left);
    const ptrdiff_t at = (oh * p->out_width + ow) * p->channels;
    float *target = dx + (left + j0) * p->channels;
#define WHOLE(c, n)                                                                                                    \
  extreme_gradient_of(p, meet, dy + at + (c), place + at + (c), n, i, 0, kernel_w, kernel_w, target + (c))
#define CUT(c, n) extreme_gradient_of(p, meet, dy + at + (c), place + at + (c), n, i, j0, j1, kernel_w, target + (c))
    if (j1 - j0 == kernel_w)
      NK_VECTORS(p->channels, WHOLE);
    else
      NK_VECTORS(p->channels, CUT);
#undef WHOLE
#undef CUT
  }
}

static void pool_extreme_gradient(const nk_pool *p, const float *dy, const uint8_t *place, float *dx, int64_t from,
                                  int64_t to) {
  /* Windows that do not meet and leave no column between them write all of a row. */
  const int direct = p->stride_h >= p->kernel_h && p->stride_w == p->kernel_w &&
                     p->out_width * p->stride_w >= p->in_width + p->pad_left;
  for (int64_t h = from; h < to; h++, dx += p->in_width * p->channels) {
    const int64_t framed = h + p->pad_top;
    int64_t oh = framed < p->kernel_h ? 0 : (framed - p->kernel_h) / p->stride_h + 1;
    const int64_t last = at_most(framed / p->stride_h, p->out_height - 1);
    if (!direct || oh > last) fill(0.0f, dx, p->in_width * p->channels);
    for (; oh <= last; oh++) {
      const int64_t i = framed - oh * p->stride_h;
      if (direct && p->kernel_w == 2)
        extreme_gradient_row(p, 0, 2, dy, place, oh, i, dx);
      else if (direct)
        extreme_gradient_row(p, 0, p->kernel_w, dy, place, oh, i, dx);
      else if (p->kernel_w == 3)
        extreme_gradient_row(p, 1, 3, dy, place, oh, i, dx);
      else
        extreme_gradient_row(p, 1, p->kernel_w, dy, place, oh, i, dx);
    }
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
