/* Matrix multiplication: C = (start +) sum over taps r, depth k of A_r[i][k] * B_r[k][j] (+ bias) (then ReLU).
 *
 * A micro-kernel holds a tile of C in registers while it walks all taps and their depth: per k it loads the columns'
 * vectors of B once, broadcasts one element of A a row and multiplies and adds. Every element of C is thus one chain in
 * the order (tap, depth), whatever the tile. Each number of rows has a micro-kernel of its own, fully unrolled, so that
 * rows can be split evenly: 32 rows go as 11 + 11 + 10, not as 14 + 14 + 4.
 *
 * Prefetching goes past the ends of A and B; it reads nothing that a program could see, and never faults.
 *
 * Trap: B of plain row-major layout ends with its last row, so partial columns are always masked, also where packed
 * panels would hold zeros.
 */

enum {
  GEMM_AHEAD = 8,                /* so many k before their use, B and transposed A are asked for */
  GEMM_DEPTH = 1024,             /* of one block */
  GEMM_CACHED_FLOATS = 128 << 10 /* half of a second-level cache of 1 MiB */
};

/* The offset of column j inside B. */
NK_INLINE ptrdiff_t gemm_panel_offset(const nk_gemm *g, int64_t column) {
  return column / g->panel * g->b_panel + column % g->panel;
}

NK_INLINE nk_floats gemm_load(const float *from, int whole, nk_lanes lanes) {
  return whole ? nk_load(from) : nk_load_lanes(from, lanes);
}

NK_INLINE void gemm_store(float *to, int whole, nk_lanes lanes, nk_floats value) {
  if (whole)
    nk_store(to, value);
  else
    nk_store_lanes(to, lanes, value);
}

/* Computes one tile. rows, vectors, transposed (a_row == 1) and whole (no masks) are constants at every call. */
NK_INLINE void gemm_tile(const nk_gemm *g, int64_t row, int64_t column, const int rows, const int vectors,
                         const int transposed, const int whole) {
  nk_floats sum[NK_TILE_ROWS][NK_TILE_VECTORS];
  nk_lanes lanes[NK_TILE_VECTORS];
  ptrdiff_t panel[NK_TILE_VECTORS], next[NK_TILE_VECTORS];
  NK_UNROLL for (int v = 0; v < vectors; v++) {
    lanes[v] = nk_first(g->columns - column - v * NK_LANES);
    panel[v] = gemm_panel_offset(g, column + v * NK_LANES);
    next[v] = panel[v] - panel[0];
  }

  const ptrdiff_t c_row = g->c_row;
  float *const c = g->c + row * c_row + column;
  if (g->start) {
    const float *const start = g->start + row * c_row + column;
    NK_UNROLL for (int i = 0; i < rows; i++) {
      NK_UNROLL for (int v = 0; v < vectors; v++)
        sum[i][v] = gemm_load(start + i * c_row + v * NK_LANES, whole, lanes[v]);
    }
  } else {
    NK_UNROLL for (int i = 0; i < rows; i++) {
      NK_UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = nk_zero();
    }
  }

  const ptrdiff_t a_row = transposed ? 1 : g->a_row, a_depth = transposed ? g->a_depth : 1;
  const ptrdiff_t b_row = g->b_row;
  const int64_t depth = g->depth;
  for (int64_t tap = 0; tap < g->taps; tap++) {
    const float *a = g->a + g->a_offsets[tap] + row * a_row;
    const float *b = g->b + g->b_offsets[tap] + panel[0];
    for (int64_t k = 0; k < depth; k++, a += a_depth, b += b_row) {
      if (transposed) {
        NK_UNROLL for (int v = 0; v < vectors; v++) __builtin_prefetch(b + next[v] + GEMM_AHEAD * b_row);
        __builtin_prefetch(a + GEMM_AHEAD * a_depth);
        __builtin_prefetch(a + GEMM_AHEAD * a_depth + rows - 1);
      }
      nk_floats right[NK_TILE_VECTORS];
      NK_UNROLL for (int v = 0; v < vectors; v++) right[v] = gemm_load(b + next[v], whole, lanes[v]);
      NK_UNROLL for (int i = 0; i < rows; i++) nk_fma_broadcast(a + i * a_row, right, sum[i], vectors);
    }
  }

  if (g->bias) {
    NK_UNROLL for (int v = 0; v < vectors; v++) {
      nk_floats bias = gemm_load(g->bias + column + v * NK_LANES, whole, lanes[v]);
      NK_UNROLL for (int i = 0; i < rows; i++) sum[i][v] += bias;
    }
  }
  if (g->relu) {
    NK_UNROLL for (int i = 0; i < rows; i++) {
      NK_UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = nk_relu(sum[i][v]);
    }
  }
  NK_UNROLL for (int i = 0; i < rows; i++) {
    NK_UNROLL for (int v = 0; v < vectors; v++)
      gemm_store(c + i * c_row + v * NK_LANES, whole, lanes[v], sum[i][v]);
  }
}

/* The micro-kernels gemm_<rows>_<vectors>_<transposed>_<whole>, and their table in the order of `gemm_choose`. */
typedef void gemm_kernel(const nk_gemm *g, int64_t row, int64_t column);

#define GEMM_DEFINE(rows, vectors, transposed, whole)                                                                  \
  static void gemm_##rows##_##vectors##_##transposed##_##whole(const nk_gemm *g, int64_t row, int64_t column) {        \
    gemm_tile(g, row, column, rows, vectors, transposed, whole);                                                       \
  }
#define GEMM_NAME(rows, vectors, transposed, whole) gemm_##rows##_##vectors##_##transposed##_##whole,

#if NK_TILE_ROWS == 14
#define GEMM_ROWS(DO, ...)                                                                                             \
  DO(1, __VA_ARGS__) DO(2, __VA_ARGS__) DO(3, __VA_ARGS__) DO(4, __VA_ARGS__) DO(5, __VA_ARGS__) DO(6, __VA_ARGS__) \
  DO(7, __VA_ARGS__) DO(8, __VA_ARGS__) DO(9, __VA_ARGS__) DO(10, __VA_ARGS__) DO(11, __VA_ARGS__) DO(12, __VA_ARGS__) \
  DO(13, __VA_ARGS__) DO(14, __VA_ARGS__)
#define GEMM_ROWS_OF_3(DO, ...)                                                                                        \
  DO(1, __VA_ARGS__) DO(2, __VA_ARGS__) DO(3, __VA_ARGS__) DO(4, __VA_ARGS__) DO(5, __VA_ARGS__) DO(6, __VA_ARGS__) \
  DO(7, __VA_ARGS__) DO(8, __VA_ARGS__) DO(9, __VA_ARGS__)
#define GEMM_ALL(DO)                                                                                                   \
  GEMM_ROWS(DO, 1, 0, 0) GEMM_ROWS(DO, 1, 1, 0) GEMM_ROWS(DO, 2, 0, 0) GEMM_ROWS(DO, 2, 1, 0) \
  GEMM_ROWS_OF_3(DO, 3, 0, 0) GEMM_ROWS_OF_3(DO, 3, 1, 0)
#elif NK_TILE_ROWS == 6
#define GEMM_ROWS(DO, ...)                                                                                             \
  DO(1, __VA_ARGS__) DO(2, __VA_ARGS__) DO(3, __VA_ARGS__) DO(4, __VA_ARGS__) DO(5, __VA_ARGS__) DO(6, __VA_ARGS__)
#else
#define GEMM_ROWS(DO, ...) DO(1, __VA_ARGS__) DO(2, __VA_ARGS__)
#endif
#if NK_TILE_VECTORS == 1
#define GEMM_ALL(DO)                                                                                                   \
  GEMM_ROWS(DO, 1, 0, 0) GEMM_ROWS(DO, 1, 1, 0) GEMM_ROWS(DO, 1, 0, 1) GEMM_ROWS(DO, 1, 1, 1)
#endif

GEMM_ALL(GEMM_DEFINE)
static gemm_kernel *const gemm_kernels[] = {GEMM_ALL(GEMM_NAME)};

/* A run of columns that is cut into tiles of the same width, and the micro-kernels of every row count for them. */
typedef struct gemm_strip {
  int64_t first, vectors, rows;
  gemm_kernel *const *kernels;
} gemm_strip;

/* The strip that begins at `column`. Three vectors serve an odd number of them: alone, one vector would be bound by
 * loading the elements of A. Without free masks the second half of the table holds the kernels for whole tiles. */
NK_INLINE gemm_strip gemm_choose(const nk_gemm *g, int64_t column) {
  const int64_t left = g->columns - column;
  const int transposed = g->a_row == 1 && g->a_depth != 1;
#if NK_TILE_VECTORS == 1
  const int whole = left >= NK_LANES;
  return (gemm_strip){column, 1, NK_TILE_ROWS, gemm_kernels + (2 * whole + transposed) * NK_TILE_ROWS};
#else
  if (left > 2 * NK_LANES && left <= 3 * NK_LANES) {
    gemm_kernel *const *of_3 = gemm_kernels + 4 * NK_TILE_ROWS;
    return (gemm_strip){column, 3, NK_TILE_ROWS_OF_3, of_3 + transposed * NK_TILE_ROWS_OF_3};
  }
  const int wide = left > NK_LANES;
  return (gemm_strip){column, 1 + wide, NK_TILE_ROWS, gemm_kernels + (2 * wide + transposed) * NK_TILE_ROWS};
#endif
}

/* All rows of a strip, split evenly into tiles. */
NK_INLINE void gemm_run_strip(const nk_gemm *g, const gemm_strip *strip, int64_t first, int64_t count) {
  const int64_t tiles = (count + strip->rows - 1) / strip->rows, rows = count / tiles, larger = count % tiles;
  int64_t row = first;
  for (int64_t tile = 0; tile < tiles; tile++) {
    const int64_t height = rows + (tile < larger);
    strip->kernels[height - 1](g, row, strip->first);
    row += height;
  }
}

/* The inner loop sweeps one operand again and again: the smaller one, which stays in the second-level cache. */
static void gemm_block(const nk_gemm *g) {
  const int inner_rows = g->rows <= g->columns || g->rows * g->depth * g->taps <= GEMM_CACHED_FLOATS;
  const int64_t block = inner_rows ? g->rows : NK_TILE_ROWS;
  for (int64_t row = 0; row < g->rows; row += block) {
    const int64_t count = g->rows - row < block ? g->rows - row : block;
    for (int64_t column = 0; column < g->columns;) {
      const gemm_strip strip = gemm_choose(g, column);
      gemm_run_strip(g, &strip, row, count);
      column += strip.vectors * NK_LANES;
    }
  }
}

/* A deep sum is cut into blocks, so that the rows of A stay in the second-level cache from panel to panel. Between the
 * blocks the sum rests in C, which rounds nothing: the chain is the same. */
static void gemm(const nk_gemm *g) {
  if (g->rows <= 0 || g->columns <= 0) return;
  if (g->taps != 1 || g->depth <= GEMM_DEPTH) {
    gemm_block(g);
    return;
  }
  nk_gemm block = *g;
  for (int64_t k = 0; k < g->depth; k += GEMM_DEPTH) {
    const int last = k + GEMM_DEPTH >= g->depth;
    block.depth = last ? g->depth - k : GEMM_DEPTH;
    block.start = k > 0 ? g->c : g->start;
    block.bias = last ? g->bias : NULL;
    block.relu = last && g->relu;
    gemm_block(&block);
    block.a += GEMM_DEPTH * g->a_depth;
    block.b += GEMM_DEPTH * g->b_row;
  }
}
