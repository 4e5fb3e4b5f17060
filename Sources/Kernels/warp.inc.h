/* Bilinear sampling along a line through an eight-bit image, and what depends on the values of samples alone. Integers
 * only: every instruction set gives the same bytes.
 *
 * Where a line runs inside the image, which is nearly everywhere, no position is compared with an edge: the positions
 * are linear, so the inside is one stretch of the line.
 */

typedef uint16_t nk_halves __attribute__((ext_vector_type(16)));
typedef uint8_t warp_bytes32 __attribute__((ext_vector_type(32)));
typedef uint64_t warp_quads __attribute__((ext_vector_type(4)));

/* The place inside 0..<count that is seen at a position, -1 where it is a level of its own. */
NK_INLINE int64_t warp_place(nk_fill fill, int64_t position, int64_t count) {
  if ((uint64_t)position < (uint64_t)count) return position;
  switch (fill) {
  case NK_FILL_MIRROR: {
    /* Once folded is nearly always enough, and divisions would cost more than the rest. */
    if (position < 0 && position >= -count) return -1 - position;
    if (position >= count && position < 2 * count) return 2 * count - 1 - position;
    int64_t folded = position % (2 * count);
    if (folded < 0) folded += 2 * count;
    return folded < count ? folded : 2 * count - 1 - folded;
  }
  case NK_FILL_EDGE:
    return position < 0 ? 0 : count - 1;
  case NK_FILL_LEVEL:
    return -1;
  }
  return -1;
}

static void warp_edge(const nk_warp *warp, int64_t at_x, int64_t at_y, uint8_t *target) {
  const int64_t channels = warp->channels, x = at_x >> 16, y = at_y >> 16;
  const int64_t columns[2] = {warp_place(warp->fill, x, warp->width), warp_place(warp->fill, x + 1, warp->width)};
  const int64_t rows[2] = {warp_place(warp->fill, y, warp->height), warp_place(warp->fill, y + 1, warp->height)};
  const uint32_t right = (uint32_t)(at_x >> 8) & 255, lower = (uint32_t)(at_y >> 8) & 255;
  const uint8_t level[3] = {warp->level, warp->level, warp->level};
  const uint8_t *corners[4];
  for (int i = 0; i < 4; i++) {
    const int64_t column = columns[i & 1], row = rows[i >> 1];
    corners[i] = column < 0 || row < 0 ? level : warp->source + (row * warp->width + column) * channels;
  }
  for (int64_t c = 0; c < channels; c++) {
    const uint32_t above = corners[0][c] * (256 - right) + corners[1][c] * right;
    const uint32_t below = corners[2][c] * (256 - right) + corners[3][c] * right;
    target[c] = (uint8_t)((above * (256 - lower) + below * lower + 0x8000) >> 16);
  }
}

/* Whether a position and its right and lower neighbours lie inside, with `margin` pixels to the right of them. */
NK_INLINE int warp_inside(const nk_warp *warp, int64_t at_x, int64_t at_y, int64_t margin) {
  return at_x >= 0 && (at_x >> 16) + 1 + margin < warp->width && at_y >= 0 && (at_y >> 16) + 1 < warp->height;
}

/* Sixteen samples between their neighbours; shares come from the low words of the positions. */
NK_INLINE nk_bytes warp_blend(nk_bytes top_left, nk_bytes top_right, nk_bytes bottom_left, nk_bytes bottom_right,
                              nk_words at_x, nk_words at_y) {
  const nk_halves share_x = __builtin_convertvector((at_x >> 8) & 255, nk_halves), rest_x = 256 - share_x;
  const nk_words share_y = (at_y >> 8) & 255, rest_y = 256 - share_y;
  const nk_halves above = __builtin_convertvector(top_left, nk_halves) * rest_x +
                          __builtin_convertvector(top_right, nk_halves) * share_x;
  const nk_halves below = __builtin_convertvector(bottom_left, nk_halves) * rest_x +
                          __builtin_convertvector(bottom_right, nk_halves) * share_x;
  const nk_words sum = __builtin_convertvector(above, nk_words) * rest_y +
                       __builtin_convertvector(below, nk_words) * share_y + 0x8000;
  return __builtin_convertvector(sum >> 16, nk_bytes);
}

NK_INLINE uint64_t warp_quad(const uint8_t *from) {
  uint64_t value;
  memcpy(&value, from, sizeof value);
  return value;
}

/* Four pixels of three channels inside the image; each reads eight bytes of two rows. Sixteen bytes are written where
 * there is room, twelve where not. */
NK_INLINE void warp_colours(const nk_warp *warp, int64_t at_x, int64_t at_y, uint8_t *target, int room) {
  const int64_t row = warp->width * 3;
  warp_quads top, bottom;
  NK_UNROLL for (int i = 0; i < 4; i++) {
    const uint8_t *pixel =
        warp->source + ((at_y + i * warp->step_y) >> 16) * row + ((at_x + i * warp->step_x) >> 16) * 3;
    top[i] = warp_quad(pixel);
    bottom[i] = warp_quad(pixel + row);
  }
  const nk_words numbers = nk_lane_numbers() >> 2;
  const nk_words x = (uint32_t)at_x + numbers * (uint32_t)warp->step_x;
  const nk_words y = (uint32_t)at_y + numbers * (uint32_t)warp->step_y;
#define WARP_LEFT(v) \
  __builtin_shufflevector((warp_bytes32)(v), (warp_bytes32)(v), 0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27)
#define WARP_RIGHT(v) \
  __builtin_shufflevector((warp_bytes32)(v), (warp_bytes32)(v), 3, 4, 5, 6, 11, 12, 13, 14, 19, 20, 21, 22, 27, 28, 29, 30)
  const nk_bytes four = warp_blend(WARP_LEFT(top), WARP_RIGHT(top), WARP_LEFT(bottom), WARP_RIGHT(bottom), x, y);
#undef WARP_LEFT
#undef WARP_RIGHT
  const nk_bytes three = __builtin_shufflevector(four, four, 0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
  /* A size that is not constant would be a call of the library for every four pixels. */
  if (room)
    memcpy(target, &three, 16);
  else
    memcpy(target, &three, 12);
}

/* Sixteen pixels of one channel inside the image. */
NK_INLINE void warp_grays(const nk_warp *warp, int64_t at_x, int64_t at_y, uint8_t *target) {
  _Alignas(16) uint8_t corners[4][16];
  for (int i = 0; i < 16; i++) {
    const uint8_t *pixel =
        warp->source + ((at_y + i * warp->step_y) >> 16) * warp->width + ((at_x + i * warp->step_x) >> 16);
    corners[0][i] = pixel[0];
    corners[1][i] = pixel[1];
    corners[2][i] = pixel[warp->width];
    corners[3][i] = pixel[warp->width + 1];
  }
  nk_bytes bytes[4];
  memcpy(bytes, corners, sizeof bytes);
  const nk_words x = (uint32_t)at_x + nk_lane_numbers() * (uint32_t)warp->step_x;
  const nk_words y = (uint32_t)at_y + nk_lane_numbers() * (uint32_t)warp->step_y;
  const nk_bytes blended = warp_blend(bytes[0], bytes[1], bytes[2], bytes[3], x, y);
  memcpy(target, &blended, sizeof blended);
}

static void warp_row(const nk_warp *warp, int64_t x, int64_t y, uint8_t *target, int64_t count) {
  const int64_t channels = warp->channels, step_x = warp->step_x, step_y = warp->step_y;
  /* A colour pixel is read as eight bytes of the six that count. */
  const int64_t margin = channels == 3 ? 1 : 0;
  int64_t i = 0, end = count;
  for (; i < count && !warp_inside(warp, x + i * step_x, y + i * step_y, margin); i++)
    warp_edge(warp, x + i * step_x, y + i * step_y, target + i * channels);
  while (end > i && !warp_inside(warp, x + (end - 1) * step_x, y + (end - 1) * step_y, margin)) end--;
  if (channels == 3)
    for (; i + 4 <= end; i += 4) warp_colours(warp, x + i * step_x, y + i * step_y, target + 3 * i, i + 6 <= count);
  else
    for (; i + 16 <= end; i += 16) warp_grays(warp, x + i * step_x, y + i * step_y, target + i);
  for (; i < count; i++) warp_edge(warp, x + i * step_x, y + i * step_y, target + i * channels);
}

static void byte_sums(const uint8_t *x, int64_t pixels, int64_t channels, uint64_t *sums) {
  const int64_t count = pixels * channels;
  uint64_t totals[48] = {0}; /* by the place in a block of 48 bytes, a multiple of either number of channels */
  int64_t at = 0;
  while (at + 48 <= count) {
    nk_halves sum[3] = {0, 0, 0};
    /* 257 times 255 fits 16 bits. */
    for (int blocks = 0; blocks < 256 && at + 48 <= count; blocks++, at += 48)
      NK_UNROLL for (int v = 0; v < 3; v++) {
        nk_bytes bytes;
        memcpy(&bytes, x + at + 16 * v, sizeof bytes);
        sum[v] += __builtin_convertvector(bytes, nk_halves);
      }
    for (int i = 0; i < 48; i++) totals[i] += sum[i / 16][i % 16];
  }
  for (int i = 0; at < count; i++, at++) totals[i] += x[at];
  for (int64_t c = 0; c < channels; c++) sums[c] = 0;
  for (int i = 0; i < 48; i++) sums[i % channels] += totals[i];
}

static void byte_table(const uint8_t *table, uint8_t *x, int64_t count) {
  int64_t i = 0;
#ifdef NK_HAS_BYTE_TABLE
  i = nk_byte_table(table, x, count);
#endif
  for (; i < count; i++) x[i] = table[x[i]];
}
