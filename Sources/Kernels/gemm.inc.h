/* Matrix multiplication: C = (C +) sum over taps r, depth k of A_r[i][k] * B_r[k][j] (+ bias) (then ReLU).
 *
 * A micro-kernel holds a tile of C in registers while it walks all taps and their depth: per k it loads the columns'
 * vectors of B once, broadcasts one element of A a row and multiplies and adds. Every element of C is thus one chain in
 * the order (tap, depth), whatever the tile. Each number of rows has a micro-kernel of its own, fully unrolled, so that
 * rows can be split evenly: 32 rows go as 11 + 11 + 10, not as 14 + 14 + 4.
 *
 * Trap: B of plain row-major layout ends with its last row, so partial columns are always masked, also where packed
 * panels would hold zeros.
 */

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
  ptrdiff_t panel[NK_TILE_VECTORS];
  NK_UNROLL for (int v = 0; v < vectors; v++) {
    lanes[v] = nk_first(g->columns - column - v * NK_LANES);
    panel[v] = gemm_panel_offset(g, column + v * NK_LANES);
  }

  const ptrdiff_t c_row = g->c_row;
  float *const c = g->c + row * c_row + column;
  if (g->accumulate) {
    NK_UNROLL for (int i = 0; i < rows; i++) {
      NK_UNROLL for (int v = 0; v < vectors; v++)
        sum[i][v] = gemm_load(c + i * c_row + v * NK_LANES, whole, lanes[v]);
    }
  } else {
    NK_UNROLL for (int i = 0; i < rows; i++) {
      NK_UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = nk_zero();
    }
  }

  const ptrdiff_t a_row = transposed ? 1 : g->a_row, a_depth = transposed ? g->a_depth : 1;
  const ptrdiff_t b_row = g->b_row, second = panel[vectors - 1] - panel[0];
  const int64_t depth = g->depth;
  for (int64_t tap = 0; tap < g->taps; tap++) {
    const float *a = g->a + g->a_offsets[tap] + row * a_row;
    const float *b = g->b + g->b_offsets[tap] + panel[0];
    for (int64_t k = 0; k < depth; k++, a += a_depth, b += b_row) {
      nk_floats right[NK_TILE_VECTORS];
      NK_UNROLL for (int v = 0; v < vectors; v++) right[v] = gemm_load(b + v * second, whole, lanes[v]);
      NK_UNROLL for (int i = 0; i < rows; i++) {
        nk_floats left = nk_splat(a[i * a_row]);
        NK_UNROLL for (int v = 0; v < vectors; v++) sum[i][v] = nk_fma(left, right[v], sum[i][v]);
      }
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
  DO(1, __VA_ARGS__) DO(2, __VA_ARGS__) DO(3, __VA_ARGS__) DO(4, __VA_ARGS__) DO(5, __VA_ARGS__) DO(6, __VA_ARGS__)     \
  DO(7, __VA_ARGS__) DO(8, __VA_ARGS__) DO(9, __VA_ARGS__) DO(10, __VA_ARGS__) DO(11, __VA_ARGS__) DO(12, __VA_ARGS__)  \
  DO(13, __VA_ARGS__) DO(14, __VA_ARGS__)
#elif NK_TILE_ROWS == 6
#define GEMM_ROWS(DO, ...)                                                                                             \
  DO(1, __VA_ARGS__) DO(2, __VA_ARGS__) DO(3, __VA_ARGS__) DO(4, __VA_ARGS__) DO(5, __VA_ARGS__) DO(6, __VA_ARGS__)
#else
#define GEMM_ROWS(DO, ...) DO(1, __VA_ARGS__) DO(2, __VA_ARGS__)
#endif

#if NK_TILE_MASKS_ALWAYS
#define GEMM_ALL(DO)                                                                                                   \
  GEMM_ROWS(DO, 1, 0, 0) GEMM_ROWS(DO, 1, 1, 0) GEMM_ROWS(DO, 2, 0, 0) GEMM_ROWS(DO, 2, 1, 0)
#else
#define GEMM_ALL(DO)                                                                                                   \
  GEMM_ROWS(DO, 1, 0, 0) GEMM_ROWS(DO, 1, 1, 0) GEMM_ROWS(DO, 1, 0, 1) GEMM_ROWS(DO, 1, 1, 1)
#endif

GEMM_ALL(GEMM_DEFINE)
static gemm_kernel *const gemm_kernels[] = {GEMM_ALL(GEMM_NAME)};

/* The micro-kernels of every row count for the tiles that start at `column`. */
NK_INLINE gemm_kernel *const *gemm_choose(const nk_gemm *g, int64_t column) {
  int64_t left = g->columns - column;
  int second_axis = NK_TILE_MASKS_ALWAYS ? left > NK_LANES : left >= NK_LANES;
  int transposed = g->a_row == 1 && g->a_depth != 1;
  return gemm_kernels + (2 * second_axis + transposed) * NK_TILE_ROWS;
}

static void gemm_block(const nk_gemm *g) {
  int64_t tiles = (g->rows + NK_TILE_ROWS - 1) / NK_TILE_ROWS;
  int64_t rows = g->rows / tiles, larger = g->rows % tiles;
  for (int64_t column = 0; column < g->columns; column += NK_TILE_VECTORS * NK_LANES) {
    gemm_kernel *const *kernels = gemm_choose(g, column);
    int64_t row = 0;
    for (int64_t tile = 0; tile < tiles; tile++) {
      int64_t height = rows + (tile < larger);
      kernels[height - 1](g, row, column);
      row += height;
    }
  }
}

static void gemm(const nk_gemm *g) {
  if (g->rows > 0 && g->columns > 0) gemm_block(g);
}
