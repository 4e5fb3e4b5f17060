/* Resampling of eight-bit images along one axis, in integers: every instruction set gives the same bytes.
 *
 * Columns are sums of whole rows, which suits vectors as it is. Rows are brought into the same form: sixteen rows are
 * turned, a strip of columns at a time, so that sixteen samples that take the same weight lie side by side, and the
 * results are turned back.
 */

/* Column bytes of sixteen rows that are turned at once: the strip stays in the first-level cache. */
enum { RESAMPLE_STRIP = 1024 };

NK_INLINE nk_integers resample_widen(const uint8_t *from) {
  nk_bytes bytes;
  memcpy(&bytes, from, sizeof bytes);
  return __builtin_convertvector(bytes, nk_integers);
}

NK_INLINE nk_bytes resample_narrow(nk_integers sum) {
  const nk_integers shifted = sum >> NK_RESAMPLE_BITS;
  const nk_integers positive = __builtin_elementwise_max(shifted, (nk_integers)0);
  const nk_integers clamped = __builtin_elementwise_min(positive, (nk_integers)255);
  return __builtin_convertvector(clamped, nk_bytes);
}

static uint8_t resample_narrow_one(int32_t sum) {
  const int32_t shifted = sum >> NK_RESAMPLE_BITS;
  return (uint8_t)(shifted < 0 ? 0 : shifted > 255 ? 255 : shifted);
}

/* turned[j][r] = source[r][j]; the last row stands for those that are not there. `turned` has room for a multiple of
 * sixteen columns. */
static void turn_rows(const uint8_t *source, ptrdiff_t source_row, int64_t rows, int64_t columns, uint8_t *turned) {
  for (int64_t j = 0; j < columns; j += 16) {
    /* The last block begins sixteen before the end where it can: nothing needs counting out. */
    const int64_t at = columns - j < 16 && columns >= 16 ? columns - 16 : j;
    nk_bytes block[16];
    NK_UNROLL for (int r = 0; r < 16; r++)
      block[r] = nk_get_bytes(source + (r < rows ? r : rows - 1) * source_row + at, columns - at);
    turn_block(block);
    memcpy(turned + 16 * at, block, sizeof block);
  }
}

/* target[r][j] = turned[j][r] */
static void turn_back(const uint8_t *turned, uint8_t *target, ptrdiff_t target_row, int64_t rows, int64_t columns) {
  for (int64_t j = 0; j < columns; j += 16) {
    nk_bytes block[16];
    memcpy(block, turned + 16 * j, sizeof block);
    turn_block(block);
    for (int64_t r = 0; r < rows; r++) nk_put_bytes(target + r * target_row + j, columns - j, block[r]);
  }
}

/* One output of sixteen turned rows. */
NK_INLINE void weigh_turned(const uint8_t *turned, const int32_t *weights, int64_t count, const int channels,
                            uint8_t *result) {
  nk_integers sum[3];
  NK_UNROLL for (int c = 0; c < channels; c++) sum[c] = (nk_integers)(1 << (NK_RESAMPLE_BITS - 1));
  for (int64_t t = 0; t < count; t++) {
    NK_UNROLL for (int c = 0; c < channels; c++) sum[c] += resample_widen(turned + 16 * c) * weights[t];
    turned += 16 * channels;
  }
  NK_UNROLL for (int c = 0; c < channels; c++) {
    const nk_bytes bytes = resample_narrow(sum[c]);
    memcpy(result + 16 * c, &bytes, sizeof bytes);
  }
}

/* The same where the inputs of one output do not fit the strip. */
static void weigh_rows(const uint8_t *source, ptrdiff_t source_row, int64_t rows, const int32_t *weights, int64_t count,
                       int64_t channels, uint8_t *result) {
  for (int64_t c = 0; c < channels; c++)
    for (int64_t r = 0; r < 16; r++) {
      const uint8_t *sample = source + (r < rows ? r : rows - 1) * source_row + c;
      int32_t sum = 1 << (NK_RESAMPLE_BITS - 1);
      for (int64_t t = 0; t < count; t++) sum += sample[t * channels] * weights[t];
      result[16 * c + r] = resample_narrow_one(sum);
    }
}

/* At most sixteen rows. */
static void resample_band(const nk_axis *axis, const uint8_t *source, ptrdiff_t source_row, uint8_t *target,
                          ptrdiff_t target_row, int64_t rows, int64_t channels) {
  _Alignas(64) uint8_t turned[16 * RESAMPLE_STRIP];
  _Alignas(64) uint8_t results[16 * 16 * 3];
  const int64_t strip = RESAMPLE_STRIP / channels;
  int64_t begin = 0, end = 0; /* the inputs that lie turned */
  for (int64_t group = 0; group < axis->outputs; group += 16) {
    const int64_t outputs = at_most(axis->outputs - group, 16);
    for (int64_t i = 0; i < outputs; i++) {
      const int64_t first = axis->starts[group + i], count = axis->counts[group + i];
      const int32_t *weights = axis->weights + (group + i) * axis->taps;
      uint8_t *result = results + 16 * channels * i;
      if (count > strip) {
        weigh_rows(source + first * channels, source_row, rows, weights, count, channels, result);
        continue;
      }
      if (first + count > end) {
        begin = first;
        end = at_most(axis->inputs, begin + strip);
        turn_rows(source + begin * channels, source_row, rows, (end - begin) * channels, turned);
      }
      const uint8_t *inputs = turned + 16 * channels * (first - begin);
      if (channels == 3)
        weigh_turned(inputs, weights, count, 3, result);
      else
        weigh_turned(inputs, weights, count, 1, result);
    }
    turn_back(results, target + group * channels, target_row, rows, outputs * channels);
  }
}

static void resample_rows(const nk_axis *axis, const uint8_t *source, ptrdiff_t source_row, uint8_t *target,
                          ptrdiff_t target_row, int64_t rows, int64_t channels) {
  for (int64_t r = 0; r < rows; r += 16)
    resample_band(axis, source + r * source_row, source_row, target + r * target_row, target_row,
                  at_most(rows - r, 16), channels);
}

/* `vectors` times sixteen columns of one output row. */
NK_INLINE void weigh_columns(const uint8_t *source, ptrdiff_t source_row, const int32_t *weights, int64_t count,
                             const int vectors, uint8_t *target) {
  nk_integers sum[4];
  NK_UNROLL for (int v = 0; v < vectors; v++) sum[v] = (nk_integers)(1 << (NK_RESAMPLE_BITS - 1));
  for (int64_t t = 0; t < count; t++)
    NK_UNROLL for (int v = 0; v < vectors; v++) sum[v] += resample_widen(source + t * source_row + 16 * v) * weights[t];
  NK_UNROLL for (int v = 0; v < vectors; v++) {
    const nk_bytes bytes = resample_narrow(sum[v]);
    memcpy(target + 16 * v, &bytes, sizeof bytes);
  }
}

static void resample_columns(const nk_axis *axis, const uint8_t *source, ptrdiff_t source_row, uint8_t *target,
                             ptrdiff_t target_row, int64_t columns) {
  for (int64_t y = 0; y < axis->outputs; y++) {
    const uint8_t *rows = source + axis->starts[y] * source_row;
    const int32_t *weights = axis->weights + y * axis->taps;
    const int64_t count = axis->counts[y];
    uint8_t *output = target + y * target_row;
    int64_t x = 0;
    for (; x + 64 <= columns; x += 64) weigh_columns(rows + x, source_row, weights, count, 4, output + x);
    for (; x + 16 <= columns; x += 16) weigh_columns(rows + x, source_row, weights, count, 1, output + x);
    if (x < columns && columns >= 16) {
      weigh_columns(rows + columns - 16, source_row, weights, count, 1, output + columns - 16);
      continue;
    }
    for (; x < columns; x++) {
      int32_t sum = 1 << (NK_RESAMPLE_BITS - 1);
      for (int64_t t = 0; t < count; t++) sum += rows[t * source_row + x] * weights[t];
      output[x] = resample_narrow_one(sum);
    }
  }
}
