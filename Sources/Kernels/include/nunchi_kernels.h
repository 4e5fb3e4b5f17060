/* The leaf loops of the engine: one table of functions an instruction set, the same contracts in each.
 *
 * Rules for all of them
 * - No allocation, no threads, no globals, no errors: callers pass valid extents and memory that does not overlap,
 *   except that an element-wise result may be written over an input of the same extents.
 * - Never a byte is read or written outside the extents stated (tails are masked).
 * - Bits: an output element of `gemm` is one chain of fused multiply-adds in the order (tap, depth), started at zero or
 *   at a given value; a float sum along contiguous memory runs over 16 lanes (element i in lane i % 16) which are added
 *   pairwise 8+8, 4+4, 2+2, 1+1 at the end; a sum over rows is one chain a column, in row order. Every instruction set
 *   with fused multiply-add therefore gives the same bits; `portable` multiplies, rounds and adds.
 * - exp, log and tanh are polynomials written here, within 4 units in the last place; no call of the C library's.
 * - Extents and strides count elements, not bytes. Rows are contiguous unless a row stride is named.
 */
#ifndef NUNCHI_KERNELS_H
#define NUNCHI_KERNELS_H

#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef enum nk_isa { NK_PORTABLE = 0, NK_NEON = 1, NK_AVX2 = 2, NK_AVX512 = 3 } nk_isa;

/* C[i][j] = (start ? start[i][j] : 0) + sum over taps r, depth k of A_r[i][k] * B_r[k][j]; then + bias[j]; then ReLU.
 *
 * A_r starts at a + a_offsets[r]; its element (i, k) is at i * a_row + k * a_depth (one of the two strides is 1).
 * B_r starts at b + b_offsets[r]. Columns come in panels of `panel` (16 or 32): element (k, j) is at
 * (j / panel) * b_panel + k * b_row + j % panel. Packed panels: b_row = panel, b_panel = panel * all depth; a plain
 * row-major matrix: b_row = its row stride, b_panel = panel. C and start have row stride c_row; start may be C.
 */
typedef struct nk_gemm {
  const float *a;
  const ptrdiff_t *a_offsets;
  ptrdiff_t a_row, a_depth;
  const float *b;
  const ptrdiff_t *b_offsets;
  ptrdiff_t b_row, b_panel;
  float *c;
  const float *_Nullable start;
  ptrdiff_t c_row;
  const float *_Nullable bias;
  int64_t rows, columns, depth, taps;
  int32_t panel;
  int32_t relu; /* 0 or 1 */
} nk_gemm;

/* Functions of one argument. Gradient rules use x or y as named; kinks: ReLU'(0) = 0, leaky and ELU take the left side. */
typedef enum nk_function {
  NK_STEP,       /* x > 0 ? 1 : 0; no gradient */
  NK_SIGMOID,    /* 1 / (1 + exp(-x)); saved = y */
  NK_TANH,       /* saved = y */
  NK_RELU,       /* max(x, 0), NaN stays NaN; saved = y */
  NK_LEAKY_RELU, /* x > 0 ? x : p0 * x; saved = x */
  NK_ELU,        /* x > 0 ? x : p0 * (exp(x) - 1); saved = x */
  NK_EXP,        /* saved = y */
  NK_LOG,        /* natural; log(0) = -inf, log(negative) = NaN; saved = x */
  NK_POWER,      /* x ^ p0 with exact cases p0 = 1, 2, 3, -1, 0.5, -0.5; otherwise exp(p0 * log(x)); saved = x */
  NK_AFFINE,     /* p0 * x + p1, fused where there is fused multiply-add; saved unused */
  NK_CLIP,       /* min(max(x, p0), p1), NaN stays NaN; the slope is 1 strictly between; saved = y */
  NK_HARD_SIGMOID, /* min(max(x / 6 + 1/2, 0), 1); saved = y */
  NK_HARD_SWISH,   /* x * hard sigmoid of x; saved = x */
  NK_SILU,         /* x * sigmoid of x; saved = x */
  NK_MISH,         /* x * tanh(log(1 + exp(x))); saved = x */
  NK_GELU,         /* x * (1 + erf(x / sqrt 2)) / 2; saved = x */
  NK_GELU_TANH,    /* x * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 * x^3))) / 2; saved = x */
  NK_SMOOTH_ABSOLUTE /* |x| < p0 ? x^2 / (2 * p0) : |x| - p0 / 2; the slope at 0 is 0; saved = x */
} nk_function;

typedef enum nk_binary_kind {
  NK_ADD,
  NK_SUBTRACT,
  NK_MULTIPLY,
  NK_DIVIDE,
  NK_LOGISTIC_LOSS /* max(a, 0) - a * b + log(1 + exp(-|a|)): cross-entropy of logit a against target b */
} nk_binary_kind;

/* No index is ignored. */
enum { NK_NONE = INT32_MIN };

typedef enum nk_reduction { NK_SUM, NK_MEAN, NK_MAXIMUM } nk_reduction;

/* One image of a pool, NHWC. Window element (i, j) of output (oh, ow) is input (oh * stride_h - pad_top + i,
 * ow * stride_w - pad_left + j). */
typedef struct nk_pool {
  int64_t in_height, in_width, channels, out_height, out_width;
  int64_t kernel_h, kernel_w, stride_h, stride_w, pad_top, pad_left;
  int64_t pad_bottom, pad_right; /* average pooling: where the padded frame ends */
  int32_t counts_padding;        /* average: divide by the window inside the padded frame, else inside the image */
} nk_pool;

/* Tiles of a 3 x 3 convolution of stride 1 by Winograd's algorithm: tile (i, j) reads the (m + 2) x (m + 2) pixels of a
 * frame from (i * m, j * m) on and makes the m x m results from there. Points are (m + 2)^2 planes. */
typedef struct nk_winograd {
  int32_t m;                              /* 2 or 4 */
  int32_t panel;                          /* of the packed weights, as in nk_gemm */
  int32_t relu;                           /* 0 or 1 */
  int64_t channels, outputs;              /* of a pixel of the frame, of a result */
  int64_t tile_rows, tile_columns;        /* of one image */
  int64_t out_rows, out_columns;          /* results that exist; those behind them are not written */
  ptrdiff_t frame_row, y_row, y_pixel;    /* from one row, one pixel to the next */
  ptrdiff_t input_plane, weights_plane, product_plane; /* from one point to the next */
} nk_winograd;

/* One row of a depthwise convolution: y[p][c] = (start ? start[p][c] : 0) + sum over taps r of x_r[p][c] * w_r[c], one
 * chain in the order of the taps; then + bias[c]; then ReLU. x_r starts at x + x_offsets[r], w_r at weights +
 * weight_offsets[r]. Pixels of x are x_pixel apart, those of y and start y_pixel; start may be y. */
typedef struct nk_depthwise {
  const float *x;
  const ptrdiff_t *x_offsets;
  ptrdiff_t x_pixel;
  const float *weights;
  const ptrdiff_t *weight_offsets;
  float *y;
  const float *_Nullable start;
  ptrdiff_t y_pixel;
  const float *_Nullable bias;
  int64_t pixels, channels, taps;
  int32_t relu; /* 0 or 1 */
} nk_depthwise;

/* The weights' gradient over one row: sums[r][c] = (accumulate ? sums[r][c] : 0) + sum over pixels p of
 * x_r[p][c] * dy[p][c], one chain in the order of the pixels; dy and sums have rows of `channels`. */
typedef struct nk_depthwise_sums {
  const float *x;
  const ptrdiff_t *x_offsets;
  ptrdiff_t x_pixel;
  const float *dy;
  float *sums;
  int64_t pixels, channels, taps;
  int32_t accumulate; /* 0 or 1 */
} nk_depthwise_sums;

typedef enum nk_update_kind { NK_SGD, NK_MOMENTUM, NK_NESTEROV, NK_ADAGRAD, NK_RMSPROP, NK_ADAM } nk_update_kind;

/* One optimizer step over flat memory. g' = gradient_scale * g, clamped to +-value_limit where that is > 0;
 * coupled decay: g' += coupled_decay * w; decoupled decay: w *= 1 - rate * decoupled_decay; then
 *   SGD       w -= rate * g'
 *   MOMENTUM  s0 = beta1 * s0 + g';                     w -= rate * s0
 *   NESTEROV  s0 = beta1 * s0 + g';                     w -= rate * (g' + beta1 * s0)
 *   ADAGRAD   s0 += g'^2;                               w -= rate * g' / (sqrt(s0) + epsilon)
 *   RMSPROP   s0 = beta2 * s0 + (1 - beta2) * g'^2;     w -= rate * g' / (sqrt(s0) + epsilon)
 *   ADAM      s0 = beta1 * s0 + (1 - beta1) * g'; s1 = beta2 * s1 + (1 - beta2) * g'^2;
 *             w -= rate / correction1 * s0 / (sqrt(s1) / root_correction2 + epsilon)
 * with correction1 = 1 - beta1^t and root_correction2 = sqrt(1 - beta2^t) computed by the caller. */
typedef struct nk_update {
  nk_update_kind kind;
  float rate, beta1, beta2, epsilon, coupled_decay, decoupled_decay;
  float gradient_scale, value_limit, correction1, root_correction2;
} nk_update;

/* An N-dimensional copy: element [i0, i1, ...] of the source, at the sum of i * source_stride (a stride may be 0 or
 * negative), goes to the sum of i * target_stride. Elements are 4 bytes. */
enum { NK_MAX_RANK = 8 };
typedef struct nk_copy {
  int64_t rank;
  int64_t extent[NK_MAX_RANK];
  ptrdiff_t source_stride[NK_MAX_RANK], target_stride[NK_MAX_RANK];
} nk_copy;

/* One side of a sum: x * scale[c] + shift[c] where these are given, then ReLU where `relu`. */
typedef struct nk_addend {
  const float *x;
  const float *_Nullable scale;
  const float *_Nullable shift;
  int32_t relu; /* 0 or 1 */
} nk_addend;

/* A row of pixels of which each is a weighted sum of pixels: y[p][c] = sum over row taps r of row_weights[r] * (sum over
 * t from starts[p] below starts[p + 1] of weights[t] * x[row_offsets[r] + offsets[t] + c]); both sums are chains of
 * fused multiply-adds from zero on, in the order of the taps. Pixels of y are contiguous. */
typedef struct nk_blend {
  const float *x;
  const ptrdiff_t *row_offsets;
  const float *row_weights;
  const int64_t *starts; /* pixels + 1 of them */
  const ptrdiff_t *offsets;
  const float *weights;
  float *y;
  int64_t row_taps, pixels, channels;
} nk_blend;

/* Response normalisation over channels c - before to c + after: d[c] = bias + scale * sum of x^2 there, one chain from
 * the first to the last, and y[c] = x[c] * d[c]^-beta. */
typedef struct nk_response {
  int64_t before, after;
  float scale, beta, bias;
} nk_response;

/* One axis of a resampling: output i is the sum of `counts[i]` inputs from `starts[i]` on, each times its weight of
 * `weights[i * taps ...]`, plus a half, shifted by NK_RESAMPLE_BITS and clamped to 0...255. The sums of the magnitudes of
 * an output's weights are below 2 in these units, so 32 bits hold every sum. Starts and ends never descend; counts are at
 * least 1 and at most taps. */
enum { NK_RESAMPLE_BITS = 22 };
typedef struct nk_axis {
  const int32_t *starts;
  const int32_t *counts;
  const int32_t *weights;
  int64_t inputs, outputs, taps;
} nk_axis;

/* What lies behind the edges of an image: its mirror image (… 1 0 0 1 2 …), its nearest pixel, one level. */
typedef enum nk_fill { NK_FILL_MIRROR, NK_FILL_EDGE, NK_FILL_LEVEL } nk_fill;

/* An image, `[y][x][channel]` without gaps, and the step between neighbouring samples of a line in 1/65536 pixel. */
typedef struct nk_warp {
  const uint8_t *source;
  int64_t width, height, channels; /* 1 or 3 channels */
  int64_t step_x, step_y;
  nk_fill fill;
  uint8_t level; /* of NK_FILL_LEVEL */
} nk_warp;

typedef struct nk_table {
  nk_isa isa;
  int32_t fused_multiply_add; /* 1 where gemm's chains are fused */

  void (*gemm)(const nk_gemm *gemm);
  /* Packs b (element (k, j) at k * b_row + j * b_column) into panels: out[(j / panel)][k][j % panel], zeros behind the
   * last column. */
  void (*pack)(const float *b, ptrdiff_t b_row, ptrdiff_t b_column, int64_t depth, int64_t columns, int32_t panel,
               float *out);

  void (*depthwise)(const nk_depthwise *depthwise);
  void (*depthwise_gradient)(const nk_depthwise_sums *sums);

  void (*map)(nk_function function, float p0, float p1, const float *x, float *y, int64_t count);
  /* dx = dy * f'(saved) */
  void (*map_gradient)(nk_function function, float p0, float p1, const float *dy, const float *saved, float *dx,
                       int64_t count);
  /* y[r][c] = a[r * a_row + c * a_column] op b[r * b_row + c * b_column]; the column strides are 0 or 1. y contiguous. */
  void (*binary)(nk_binary_kind kind, const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                 ptrdiff_t b_row, ptrdiff_t b_column, float *y, int64_t rows, int64_t columns);
  void (*fill)(float value, float *y, int64_t count);
  void (*copy)(const nk_copy *copy, const void *source, void *target);
  /* out[r][c] = float(index[r] == c) */
  void (*one_hot)(const int32_t *index, float *out, int64_t rows, int64_t columns);

  /* y[o][i] = reduction over m of x[o][m][i]; MEAN divides the sum by middle. */
  void (*reduce)(nk_reduction kind, const float *x, int64_t outer, int64_t middle, int64_t inner, float *y);
  /* The gradient of the maximum: dy[o][i] divided equally among the m with x[o][m][i] == y[o][i]; zero elsewhere. */
  void (*maximum_gradient)(const float *dy, const float *x, const float *y, int64_t outer, int64_t middle,
                           int64_t inner, float *dx);

  /* Over each row: y = exp(x - max) / sum, or its logarithm where `logarithm`. */
  void (*softmax)(const float *x, float *y, int64_t rows, int64_t columns, int32_t logarithm);
  /* dx = y * (dy - sum(dy * y)); logarithm: dx = dy - exp(y) * sum(dy). */
  void (*softmax_gradient)(const float *dy, const float *y, float *dx, int64_t rows, int64_t columns,
                           int32_t logarithm);
  /* Targets t: one-hot of index (or dense, rows x columns), smoothed: t' = (1 - smoothing) * t + smoothing / columns.
   * loss[r] = -sum_c weight[c] * t'[c] * log softmax(x)[c]; probabilities = softmax(x). Exactly one of index and dense is
   * given. A row whose index is `ignored` has a loss of 0; NK_NONE is no index. */
  void (*cross_entropy)(const float *x, const int32_t *_Nullable index, const float *_Nullable dense,
                        const float *_Nullable weight, float smoothing, int32_t ignored, float *loss,
                        float *probabilities, int64_t rows, int64_t columns);
  /* dx[r][c] = dloss[r] * (p[c] * sum_j(weight[j] * t'[j]) - weight[c] * t'[c]); 0 in an ignored row. */
  void (*cross_entropy_gradient)(const float *dloss, const float *probabilities, const int32_t *_Nullable index,
                                 const float *_Nullable dense, const float *_Nullable weight, float smoothing,
                                 int32_t ignored, float *dx, int64_t rows, int64_t columns);

  void (*blend)(const nk_blend *blend);

  /* For each group g: the numbers x[p * pixel + g * width + i], p below pixels and i below width, to mean 0 and variance
   * 1: y = (x - mean) * rstd[g], rstd = 1 / sqrt(variance + epsilon). y lies as x does. Sums run over the lanes
   * of each pixel's numbers. */
  void (*standardize)(const float *x, int64_t pixels, ptrdiff_t pixel, int64_t groups, int64_t width, float epsilon,
                      float *y, float *rstd);
  /* dx = rstd * (dy - mean of dy - y * mean of dy * y) over each group; all lie as above. */
  void (*standardize_gradient)(const float *dy, const float *y, const float *rstd, int64_t pixels, ptrdiff_t pixel,
                               int64_t groups, int64_t width, float *dx);
  void (*response)(const nk_response *response, const float *x, float *y, float *d, int64_t rows, int64_t channels);
  /* dx[c] = dy[c] * d[c]^-beta - 2 * beta * scale * x[c] * (sum of dy * y / d over c - after to c + before). */
  void (*response_gradient)(const nk_response *response, const float *dy, const float *x, const float *y,
                            const float *d, float *dx, int64_t rows, int64_t channels);
  /* The first `kept` numbers of each row in their order, and their columns; NaN is larger than any number, equal ones
   * keep their order. `scratch` has room for 2 * columns integers. */
  void (*sort_rows)(const float *x, int64_t rows, int64_t columns, int64_t kept, int32_t descending, float *values,
                    int32_t *columns_of, int32_t *scratch);

  /* mean[c] and m2[c] = sum over rows of (x - mean)^2, two passes. */
  void (*moments)(const float *x, int64_t rows, int64_t columns, float *mean, float *m2);
  /* y = x * scale[c] + shift[c], then ReLU where `relu`. */
  void (*affine)(const float *x, const float *scale, const float *shift, int32_t relu, float *y, int64_t rows,
                 int64_t columns);
  /* y = a + b, then ReLU where `relu`. */
  void (*normalized_sum)(const nk_addend *a, const nk_addend *b, int32_t relu, float *y, int64_t rows, int64_t columns);
  /* dx = a + b where y > 0, else 0; without b only a, without y everywhere. */
  void (*gated_sum)(const float *a, const float *_Nullable b, const float *_Nullable y, float *dx, int64_t count);
  /* sum_dy[c] = sum over rows of g, sum_dy_x[c] = sum over rows of g * (x - mean[c]) * rstd[c], with g = dy, or where
   * scale and shift are given g = dy where x * scale[c] + shift[c] > 0, else 0 (a ReLU behind the affine map). */
  void (*batch_norm_sums)(const float *dy, const float *x, const float *_Nullable scale, const float *_Nullable shift,
                          const float *mean, const float *rstd, int64_t rows, int64_t columns, float *sum_dy,
                          float *sum_dy_x);
  /* dx = a[c] * g + b[c] * x + d[c], g as above. */
  void (*batch_norm_gradient)(const float *dy, const float *x, const float *_Nullable scale,
                              const float *_Nullable shift, const float *a, const float *b, const float *d, float *dx,
                              int64_t rows, int64_t columns);
  /* y[p][c] = x[p][c] * scale[c] + shift[c] */
  void (*normalize_bytes)(const uint8_t *x, const float *scale, const float *shift, float *y, int64_t pixels,
                          int64_t channels);

  /* Element e = first + i is dropped where word e % 4 of Philox4x32-10(counter = (e / 4, micro_batch, step low 32 bits,
   * step high 32 bits), key) is below `threshold`; kept elements are multiplied by `scale`. first is a multiple of 4. */
  void (*dropout)(const float *x, float *y, int64_t count, uint64_t first, uint64_t key, uint64_t step,
                  uint32_t micro_batch, uint32_t threshold, float scale);

  /* Output rows [from, to) of one image: the largest element of each window of x, the first one among equals; NaN wins;
   * outside is never chosen. y, index and place hold the whole image; index is h * in_width + w of the chosen element,
   * place is i * kernel_w + j (kernel_h * kernel_w <= 256); either may be missing. Where scale and shift are given, the
   * elements are x * scale[c] + shift[c], then ReLU where `relu`; with `raw` they are only chosen by that, and y is
   * the chosen x. minimum: the smallest instead of the largest. */
  void (*pool_extreme)(const nk_pool *pool, int32_t minimum, const float *x, const float *_Nullable scale,
                       const float *_Nullable shift, int32_t relu, int32_t raw, float *y, int32_t *_Nullable index,
                       uint8_t *_Nullable place, int64_t from, int64_t to);
  /* Rows [from, to) of dx of one image, to where dx points: each dy at its place, those that meet added in the order of
   * the output. dy and place hold the whole image. */
  void (*pool_extreme_gradient)(const nk_pool *pool, const float *dy, const uint8_t *place, float *dx, int64_t from,
                                int64_t to);
  void (*pool_average)(const nk_pool *pool, const float *x, float *y, int64_t from, int64_t to);
  void (*pool_average_gradient)(const nk_pool *pool, const float *dy, float *dx);

  /* Every row of the source along the axis: pixels of 1 or 3 channels, rows of axis->inputs pixels become rows of
   * axis->outputs pixels. */
  void (*resample_rows)(const nk_axis *axis, const uint8_t *source, ptrdiff_t source_row, uint8_t *target,
                        ptrdiff_t target_row, int64_t rows, int64_t channels);
  /* The same down `columns` columns of bytes: axis->inputs rows become axis->outputs rows. */
  void (*resample_columns)(const nk_axis *axis, const uint8_t *source, ptrdiff_t source_row, uint8_t *target,
                           ptrdiff_t target_row, int64_t columns);
  /* Pixel i of the target is the image at (x + i * step_x, y + i * step_y) / 65536, between its four neighbours with
   * shares of eight bits: above = left * (256 - u) + right * u, below alike, (above * (256 - v) + below * v + 2^15) >> 16,
   * u and v being bits 8 to 15 of the position. */
  void (*warp_row)(const nk_warp *warp, int64_t x, int64_t y, uint8_t *target, int64_t count);
  /* sums[c] = sum over pixels of x[p][c]; 1 or 3 channels. */
  void (*byte_sums)(const uint8_t *x, int64_t pixels, int64_t channels, uint64_t *sums);
  /* x[i] = table[x[i]]; the table has 256 entries. */
  void (*byte_table)(const uint8_t *table, uint8_t *x, int64_t count);

  /* Winograd, part by part. Weights: nine matrices of `size` floats, one a tap, row by row; become (m + 2)^2 matrices
   * G g G', element by element, in the same inner layout: elements [first, first + count). */
  void (*winograd_weights)(int32_t m, const float *taps, int64_t size, float *out, int64_t first, int64_t count);
  /* v[point][tile][channel] = B' d B; tiles row by row. */
  void (*winograd_input)(const nk_winograd *winograd, const float *frame, float *v);
  /* product[point][tile][output] = v times the point's packed weights, over the first `tiles` tiles. */
  void (*winograd_multiply)(const nk_winograd *winograd, const float *v, const float *weights, float *product,
                            int64_t tiles);
  /* y = A' product A + bias + addend, then ReLU where `relu`. The addend lies like y and may be y. */
  void (*winograd_output)(const nk_winograd *winograd, const float *product, const float *_Nullable bias,
                          const float *_Nullable addend, float *y);
  /* The weights' gradient: products[point][tile][output] = A dy A'; every tile of dy is whole. */
  void (*winograd_spread)(const nk_winograd *winograd, const float *dy, float *products);
  /* sums[point][channel][output] (+)= sum over tiles of v * products; rows of y_pixel outputs. */
  void (*winograd_correlate)(const nk_winograd *winograd, const float *v, const float *products, float *sums,
                             int64_t tiles, int32_t accumulate);
  /* taps[3][3][size] = G' sums G, for the elements [first, first + count) of `size`. */
  void (*winograd_taps)(int32_t m, const float *sums, int64_t size, float *taps, int64_t first, int64_t count);

  /* Over `count` elements; s0 and s1 are the optimizer's state, unused ones may be any valid pointer. */
  void (*update)(const nk_update *update, float *w, const float *g, float *s0, float *s1, int64_t count);
  float (*sum_squares)(const float *x, int64_t count);
  int32_t (*all_finite)(const float *x, int64_t count);
} nk_table;

/* The best instruction set that this CPU and operating system run. */
nk_isa nk_best_isa(void);
/* The table of an instruction set, or NULL where it was not compiled in or does not run here. */
const nk_table *_Nullable nk_kernels(nk_isa isa);
/* "portable", "neon", "avx2", "avx512" */
const char *nk_isa_name(nk_isa isa);

/* The number of cores that this process may use, at least 1. */
int32_t nk_usable_cores(void);

/* Tells the processor that the caller waits in a loop. */
static inline void nk_pause(void) {
#if defined(__x86_64__) || defined(__i386__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  __asm__ volatile("yield");
#endif
}

/* Sets flush-to-zero and denormals-are-zero on the calling thread and returns the state to restore. */
uint64_t nk_flush_denormals(void);
void nk_restore_denormals(uint64_t state);

#pragma clang assume_nonnull end
#endif
