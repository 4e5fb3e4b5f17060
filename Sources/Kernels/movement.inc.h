/* Copies that change the order of elements: panels for gemm, and N-dimensional strided copies.
 *
 * Trap: a transposition element by element touches a new cache line with every load or store, so 16 x 16 blocks are
 * turned in registers.
 */

/* Turns a 16 x 16 block. Interleaving the halves of the rows is a rotation of the eight index bits by one; four of them
 * exchange the row's bits and the column's. */
#define NK_TRANSPOSE(name, row)                                                                                        \
  NK_INLINE void name(row block[16]) {                                                                                 \
    NK_UNROLL for (int round = 0; round < 4; round++) {                                                                \
      row mixed[16];                                                                                                   \
      NK_UNROLL for (int i = 0; i < 8; i++) {                                                                          \
        mixed[2 * i] = __builtin_shufflevector(block[i], block[i + 8], 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6,    \
                                               22, 7, 23);                                                             \
        mixed[2 * i + 1] = __builtin_shufflevector(block[i], block[i + 8], 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13,   \
                                                   29, 14, 30, 15, 31);                                                \
      }                                                                                                                \
      NK_UNROLL for (int i = 0; i < 16; i++) block[i] = mixed[i];                                                      \
    }                                                                                                                  \
  }
NK_TRANSPOSE(transpose_block, nk_floats)
NK_TRANSPOSE(turn_block, nk_bytes)
#undef NK_TRANSPOSE

/* target[c][r] = source[r][c] for r below rows and c below columns (both at most 16), rows contiguous. Rows of the
 * target are filled with zeros up to `width`. */
static void transpose_tile(const float *source, ptrdiff_t source_row, int64_t rows, int64_t columns, float *target,
                           ptrdiff_t target_row, int64_t width) {
  nk_floats block[16];
  NK_UNROLL for (int r = 0; r < 16; r++) block[r] = r < rows ? nk_get(source + r * source_row, columns) : nk_zero();
  transpose_block(block);
  NK_UNROLL for (int c = 0; c < 16; c++) {
    if (c < columns) nk_put(target + c * target_row, width, block[c]);
  }
}

NK_INLINE int64_t at_most(int64_t value, int64_t limit) { return value < limit ? value : limit; }

/* Sixteen columns of one panel, of which `columns` exist. */
static void pack_columns(const float *b, ptrdiff_t b_row, ptrdiff_t b_column, int64_t depth, int64_t columns,
                         ptrdiff_t panel, float *out) {
  if (b_column == 1) {
    for (int64_t k = 0; k < depth; k++) nk_store(out + k * panel, nk_get(b + k * b_row, columns));
  } else if (b_row == 1) {
    for (int64_t k = 0; k < depth; k += 16)
      transpose_tile(b + k, b_column, columns, at_most(depth - k, 16), out + k * panel, panel, 16);
  } else {
    for (int64_t k = 0; k < depth; k++)
      for (int64_t j = 0; j < 16; j++) out[k * panel + j] = j < columns ? b[k * b_row + j * b_column] : 0.0f;
  }
}

static void pack(const float *b, ptrdiff_t b_row, ptrdiff_t b_column, int64_t depth, int64_t columns, int32_t panel,
                 float *out) {
  int64_t panels = (columns + panel - 1) / panel;
  for (int64_t j = 0; j < panels * panel; j += 16) {
    int64_t existing = at_most(columns - j, 16);
    pack_columns(existing > 0 ? b + j * b_column : b, b_row, b_column, depth, existing > 0 ? existing : 0, panel,
                 out + j / panel * panel * depth + j % panel);
  }
}

/* The same copy with fewer axes: extents of 1 dropped, axes merged where both sides run on, sorted so that the target's
 * smallest stride is last. */
static nk_copy simplified(const nk_copy *copy) {
  nk_copy s = {0};
  for (int64_t d = 0; d < copy->rank; d++) {
    if (copy->extent[d] == 1) continue;
    int64_t at = s.rank++;
    ptrdiff_t stride = copy->target_stride[d];
    for (; at > 0 && s.target_stride[at - 1] < stride; at--) {
      s.extent[at] = s.extent[at - 1];
      s.source_stride[at] = s.source_stride[at - 1];
      s.target_stride[at] = s.target_stride[at - 1];
    }
    s.extent[at] = copy->extent[d];
    s.source_stride[at] = copy->source_stride[d];
    s.target_stride[at] = stride;
  }
  int64_t last = 0;
  for (int64_t d = 1; d < s.rank; d++) {
    if (s.source_stride[last] == s.source_stride[d] * s.extent[d] &&
        s.target_stride[last] == s.target_stride[d] * s.extent[d]) {
      s.extent[last] *= s.extent[d];
    } else {
      s.extent[++last] = s.extent[d];
    }
    s.source_stride[last] = s.source_stride[d];
    s.target_stride[last] = s.target_stride[d];
  }
  s.rank = s.rank == 0 ? 0 : last + 1;
  return s;
}

/* The last axis alone. */
static void copy_line(const nk_copy *s, const float *source, float *target) {
  int64_t count = s->extent[s->rank - 1];
  ptrdiff_t from = s->source_stride[s->rank - 1], to = s->target_stride[s->rank - 1];
  if (from == 1 && to == 1)
    memcpy(target, source, (size_t)count * sizeof *target);
  else if (from == 0 && to == 1)
    fill(*source, target, count);
  else
    for (int64_t i = 0; i < count; i++) target[i * to] = source[i * from];
}

/* The last axis and axis `other`, along which the source is contiguous: a transposition. */
static void copy_plane(const nk_copy *s, int64_t other, const float *source, float *target) {
  int64_t last = s->rank - 1;
  for (int64_t c = 0; c < s->extent[other]; c += 16)
    for (int64_t r = 0; r < s->extent[last]; r += 16) {
      int64_t rows = at_most(s->extent[last] - r, 16), columns = at_most(s->extent[other] - c, 16);
      transpose_tile(source + r * s->source_stride[last] + c, s->source_stride[last], rows, columns,
                     target + r + c * s->target_stride[other], s->target_stride[other], rows);
    }
}

static void copy(const nk_copy *copy, const void *source, void *target) {
  for (int64_t d = 0; d < copy->rank; d++)
    if (copy->extent[d] <= 0) return;
  nk_copy s = simplified(copy);
  const float *from = source;
  float *to = target;
  if (s.rank == 0) {
    memcpy(to, from, sizeof *to);
    return;
  }
  int64_t last = s.rank - 1, other = -1;
  if (s.target_stride[last] == 1 && s.source_stride[last] > 1)
    for (int64_t d = 0; d < last; d++)
      if (s.source_stride[d] == 1) other = d;

  int64_t index[NK_MAX_RANK] = {0};
  for (;;) {
    if (other >= 0)
      copy_plane(&s, other, from, to);
    else
      copy_line(&s, from, to);
    int64_t d = last - 1;
    for (; d >= 0; d--) {
      if (d == other) continue;
      from += s.source_stride[d];
      to += s.target_stride[d];
      if (++index[d] < s.extent[d]) break;
      from -= s.source_stride[d] * s.extent[d];
      to -= s.target_stride[d] * s.extent[d];
      index[d] = 0;
    }
    if (d < 0) return;
  }
}
