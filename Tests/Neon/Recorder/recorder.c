#include "kernel_recorder.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel_calls.h"

typedef struct extents {
  const char *base;
  int64_t bytes;
} extents;

static const nk_table *real;
static FILE *file;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of the file and of the list below */
static extents *announced;
static size_t announced_count, announced_room;

static void fail(const char *entry, const char *what) {
  fprintf(stderr, "kernel recorder: %s: %s\n", entry, what);
  abort();
}

void kernel_recorder_announce(const void *array, int64_t bytes) {
  pthread_mutex_lock(&lock);
  if (announced_count == announced_room) {
    announced_room = 2 * announced_room + 64;
    announced = realloc(announced, announced_room * sizeof *announced);
    if (!announced) fail("announce", "out of memory");
  }
  announced[announced_count++] = (extents){array, bytes};
  pthread_mutex_unlock(&lock);
}

void kernel_recorder_forget(const void *array) {
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < announced_count; i++)
    if (announced[i].base == array) announced[i--] = announced[--announced_count];
  pthread_mutex_unlock(&lock);
}

/* One call while it is being recorded. */
typedef struct recording {
  const char *name;
  call_head head;
  call_argument arguments[KERNEL_ARGUMENTS];
  extents arrays[KERNEL_ARGUMENTS];
  char *before[KERNEL_ARGUMENTS];
} recording;

static void add(recording *r, argument_kind kind, int64_t value, int64_t offset) {
  if (r->head.arguments == KERNEL_ARGUMENTS) fail(r->name, "too many arguments");
  r->arguments[r->head.arguments++] = (call_argument){kind, value, offset};
}

static void add_integer(recording *r, int64_t value) { add(r, ARGUMENT_INTEGER, value, 0); }

static void add_float(recording *r, float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  add(r, ARGUMENT_FLOAT, bits, 0);
}

static uint32_t add_contents(recording *r, extents array) {
  char *copy = malloc((size_t)array.bytes + 1);
  if (!copy) fail(r->name, "out of memory");
  memcpy(copy, array.base, (size_t)array.bytes);
  r->before[r->head.arrays] = copy;
  r->arrays[r->head.arrays] = array;
  return r->head.arrays++;
}

static uint32_t add_array(recording *r, extents array) {
  for (uint32_t i = 0; i < r->head.arrays; i++)
    if (r->arrays[i].base == array.base) return i;
  return add_contents(r, array);
}

/* The announced array that a pointer points into. No two arrays touch, so a pointer to the end of one, where nothing is
 * left to do, is its own as well. */
static extents announced_at(const void *pointer) {
  extents found = {0};
  pthread_mutex_lock(&lock);
  for (size_t i = 0; i < announced_count && !found.base; i++) {
    ptrdiff_t offset = (const char *)pointer - announced[i].base;
    if (offset >= 0 && offset <= announced[i].bytes) found = announced[i];
  }
  pthread_mutex_unlock(&lock);
  return found;
}

static void add_pointer(recording *r, const void *pointer) {
  if (!pointer) return add(r, ARGUMENT_NULL, 0, 0);
  const extents found = announced_at(pointer);
  if (!found.base) fail(r->name, "was given memory that is in no announced array");
  add(r, ARGUMENT_ARRAY, add_array(r, found), (const char *)pointer - found.base);
}

/* A structure of numbers. A pointer in it would mean nothing to the player. */
static void add_bytes(recording *r, const void *bytes, size_t count) {
  for (size_t i = 0; i + sizeof(void *) <= count; i += sizeof(void *)) {
    const void *word;
    memcpy(&word, (const char *)bytes + i, sizeof word);
    if (announced_at(word).base) fail(r->name, "has a structure with a pointer that is not recorded");
  }
  const uint32_t number = add_contents(r, (extents){bytes, (int64_t)count});
  r->arrays[number].base = NULL; /* no call changes it */
  add(r, ARGUMENT_ARRAY, number, 0);
}

static void add_copy(recording *r, const nk_copy *copy) { add_bytes(r, copy, sizeof *copy); }
static void add_pool(recording *r, const nk_pool *pool) { add_bytes(r, pool, sizeof *pool); }
static void add_winograd(recording *r, const nk_winograd *winograd) { add_bytes(r, winograd, sizeof *winograd); }
static void add_update(recording *r, const nk_update *update) { add_bytes(r, update, sizeof *update); }

/* Its three pointers and its number, each an argument. */
static void add_addend(recording *r, const nk_addend *addend) {
  add_pointer(r, addend->x);
  add_pointer(r, addend->scale);
  add_pointer(r, addend->shift);
  add_integer(r, addend->relu);
}

/* The numbers of the problem, then its pointers one by one; in the numbers they are zero. */
static void add_gemm(recording *r, const nk_gemm *gemm) {
  nk_gemm numbers = *gemm;
  numbers.a = numbers.b = numbers.start = numbers.bias = NULL;
  numbers.a_offsets = numbers.b_offsets = NULL;
  numbers.c = NULL;
  add_bytes(r, &numbers, sizeof numbers);
  const void *pointers[] = {gemm->a, gemm->a_offsets, gemm->b,   gemm->b_offsets,
                            gemm->c, gemm->start,     gemm->bias};
  for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) add_pointer(r, pointers[i]);
}

static void add_depthwise(recording *r, const nk_depthwise *row) {
  nk_depthwise numbers = *row;
  numbers.x = numbers.weights = numbers.start = numbers.bias = NULL;
  numbers.x_offsets = numbers.weight_offsets = NULL;
  numbers.y = NULL;
  add_bytes(r, &numbers, sizeof numbers);
  const void *pointers[] = {row->x, row->x_offsets, row->weights, row->weight_offsets, row->y, row->start, row->bias};
  for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) add_pointer(r, pointers[i]);
}

static void add_depthwise_sums(recording *r, const nk_depthwise_sums *row) {
  nk_depthwise_sums numbers = *row;
  numbers.x = numbers.dy = NULL;
  numbers.x_offsets = NULL;
  numbers.sums = NULL;
  add_bytes(r, &numbers, sizeof numbers);
  const void *pointers[] = {row->x, row->x_offsets, row->dy, row->sums};
  for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) add_pointer(r, pointers[i]);
}

static void add_response(recording *r, const nk_response *response) { add_bytes(r, response, sizeof *response); }

static void add_blend(recording *r, const nk_blend *blend) {
  nk_blend numbers = *blend;
  numbers.x = numbers.row_weights = numbers.weights = NULL;
  numbers.row_offsets = numbers.offsets = NULL;
  numbers.starts = NULL;
  numbers.y = NULL;
  add_bytes(r, &numbers, sizeof numbers);
  const void *pointers[] = {blend->x,       blend->row_offsets, blend->row_weights, blend->starts,
                            blend->offsets, blend->weights,     blend->y};
  for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) add_pointer(r, pointers[i]);
}

static void add_axis(recording *r, const nk_axis *axis) {
  nk_axis numbers = *axis;
  numbers.starts = numbers.counts = numbers.weights = NULL;
  add_bytes(r, &numbers, sizeof numbers);
  const void *pointers[] = {axis->starts, axis->counts, axis->weights};
  for (size_t i = 0; i < sizeof pointers / sizeof *pointers; i++) add_pointer(r, pointers[i]);
}

static void add_warp(recording *r, const nk_warp *warp) {
  nk_warp numbers = *warp;
  numbers.source = NULL;
  add_bytes(r, &numbers, sizeof numbers);
  add_pointer(r, warp->source);
}

static void put(const void *bytes, size_t count) {
  if (count && fwrite(bytes, 1, count, file) != count) fail("file", "cannot be written");
}

/* Writes the call, which has been made. */
static void finish(recording *r, uint32_t result) {
  r->head.result = result;
  pthread_mutex_lock(&lock);
  put(&r->head, sizeof r->head);
  put(r->arguments, r->head.arguments * sizeof *r->arguments);
  for (uint32_t i = 0; i < r->head.arrays; i++) {
    const extents array = r->arrays[i];
    const int changed = array.base && memcmp(r->before[i], array.base, (size_t)array.bytes) != 0;
    const array_head head = {array.bytes, changed};
    put(&head, sizeof head);
    put(r->before[i], (size_t)array.bytes);
    if (changed) put(array.base, (size_t)array.bytes);
    free(r->before[i]);
  }
  pthread_mutex_unlock(&lock);
}

#define ADD(x)                                                                                                         \
  _Generic((x),                                                                                                        \
      float: add_float,                                                                                                \
      int: add_integer,                                                                                                \
      unsigned: add_integer,                                                                                           \
      long: add_integer,                                                                                               \
      unsigned long: add_integer,                                                                                      \
      long long: add_integer,                                                                                          \
      unsigned long long: add_integer,                                                                                 \
      const nk_addend *: add_addend,                                                                                   \
      const nk_gemm *: add_gemm,                                                                                       \
      const nk_depthwise *: add_depthwise,                                                                             \
      const nk_depthwise_sums *: add_depthwise_sums,                                                                   \
      const nk_copy *: add_copy,                                                                                       \
      const nk_pool *: add_pool,                                                                                       \
      const nk_winograd *: add_winograd,                                                                               \
      const nk_update *: add_update,                                                                                   \
      const nk_axis *: add_axis,                                                                                       \
      const nk_blend *: add_blend,                                                                                     \
      const nk_response *: add_response,                                                                               \
      const nk_warp *: add_warp,                                                                                       \
      default: add_pointer)(&r, x)

/* ADD of each argument, at most 12 of them. */
#define EACH(...) EACH_OF(__VA_ARGS__, A12, A11, A10, A9, A8, A7, A6, A5, A4, A3, A2, A1)(__VA_ARGS__)
#define EACH_OF(a, b, c, d, e, f, g, h, i, j, k, l, ADDS, ...) ADDS
#define A1(x) ADD(x)
#define A2(x, ...) ADD(x), A1(__VA_ARGS__)
#define A3(x, ...) ADD(x), A2(__VA_ARGS__)
#define A4(x, ...) ADD(x), A3(__VA_ARGS__)
#define A5(x, ...) ADD(x), A4(__VA_ARGS__)
#define A6(x, ...) ADD(x), A5(__VA_ARGS__)
#define A7(x, ...) ADD(x), A6(__VA_ARGS__)
#define A8(x, ...) ADD(x), A7(__VA_ARGS__)
#define A9(x, ...) ADD(x), A8(__VA_ARGS__)
#define A10(x, ...) ADD(x), A9(__VA_ARGS__)
#define A11(x, ...) ADD(x), A10(__VA_ARGS__)
#define A12(x, ...) ADD(x), A11(__VA_ARGS__)

/* Records a call of KERNEL with these arguments, and makes it. */
#define RECORD(KERNEL, ...)                                                                                            \
  recording r = {.name = #KERNEL, .head.entry = ENTRY_##KERNEL};                                                       \
  EACH(__VA_ARGS__);                                                                                                   \
  real->KERNEL(__VA_ARGS__);                                                                                           \
  finish(&r, 0)

/* A function of the same arguments as nk_table's, for each entry. */
static void gemm(const nk_gemm *g) { RECORD(gemm, g); }
static void depthwise(const nk_depthwise *row) { RECORD(depthwise, row); }
static void depthwise_gradient(const nk_depthwise_sums *row) { RECORD(depthwise_gradient, row); }

static void pack(const float *b, ptrdiff_t b_row, ptrdiff_t b_column, int64_t depth, int64_t columns, int32_t panel,
                 float *out) {
  RECORD(pack, b, b_row, b_column, depth, columns, panel, out);
}

static void map(nk_function function, float p0, float p1, const float *x, float *y, int64_t count) {
  RECORD(map, function, p0, p1, x, y, count);
}

static void map_gradient(nk_function function, float p0, float p1, const float *dy, const float *saved, float *dx,
                         int64_t count) {
  RECORD(map_gradient, function, p0, p1, dy, saved, dx, count);
}

static void binary(nk_binary_kind kind, const float *a, ptrdiff_t a_row, ptrdiff_t a_column, const float *b,
                   ptrdiff_t b_row, ptrdiff_t b_column, float *y, int64_t rows, int64_t columns) {
  RECORD(binary, kind, a, a_row, a_column, b, b_row, b_column, y, rows, columns);
}

static void fill(float value, float *y, int64_t count) { RECORD(fill, value, y, count); }
static void copy(const nk_copy *copy, const void *source, void *target) { RECORD(copy, copy, source, target); }

static void one_hot(const int32_t *index, float *out, int64_t rows, int64_t columns) {
  RECORD(one_hot, index, out, rows, columns);
}

static void reduce(nk_reduction kind, const float *x, int64_t outer, int64_t middle, int64_t inner, float *y) {
  RECORD(reduce, kind, x, outer, middle, inner, y);
}

static void maximum_gradient(const float *dy, const float *x, const float *y, int64_t outer, int64_t middle,
                             int64_t inner, float *dx) {
  RECORD(maximum_gradient, dy, x, y, outer, middle, inner, dx);
}

static void softmax(const float *x, float *y, int64_t rows, int64_t columns, int32_t logarithm) {
  RECORD(softmax, x, y, rows, columns, logarithm);
}

static void softmax_gradient(const float *dy, const float *y, float *dx, int64_t rows, int64_t columns,
                             int32_t logarithm) {
  RECORD(softmax_gradient, dy, y, dx, rows, columns, logarithm);
}

static void cross_entropy(const float *x, const int32_t *index, const float *dense, const float *weight,
                          float smoothing, int32_t ignored, float *loss, float *probabilities, int64_t rows,
                          int64_t columns) {
  RECORD(cross_entropy, x, index, dense, weight, smoothing, ignored, loss, probabilities, rows, columns);
}

static void cross_entropy_gradient(const float *dloss, const float *probabilities, const int32_t *index,
                                   const float *dense, const float *weight, float smoothing, int32_t ignored,
                                   float *dx, int64_t rows, int64_t columns) {
  RECORD(cross_entropy_gradient, dloss, probabilities, index, dense, weight, smoothing, ignored, dx, rows, columns);
}

static void blend(const nk_blend *b) { RECORD(blend, b); }

static void standardize(const float *x, int64_t pixels, ptrdiff_t pixel, int64_t groups, int64_t width, float epsilon,
                        float *y, float *rstd) {
  RECORD(standardize, x, pixels, pixel, groups, width, epsilon, y, rstd);
}

static void standardize_gradient(const float *dy, const float *y, const float *rstd, int64_t pixels, ptrdiff_t pixel,
                                 int64_t groups, int64_t width, float *dx) {
  RECORD(standardize_gradient, dy, y, rstd, pixels, pixel, groups, width, dx);
}

static void response(const nk_response *k, const float *x, float *y, float *d, int64_t rows, int64_t channels) {
  RECORD(response, k, x, y, d, rows, channels);
}

static void response_gradient(const nk_response *k, const float *dy, const float *x, const float *y, const float *d,
                              float *dx, int64_t rows, int64_t channels) {
  RECORD(response_gradient, k, dy, x, y, d, dx, rows, channels);
}

static void sort_rows(const float *x, int64_t rows, int64_t columns, int64_t kept, int32_t descending, float *values,
                      int32_t *columns_of, int32_t *scratch) {
  RECORD(sort_rows, x, rows, columns, kept, descending, values, columns_of, scratch);
}

static void moments(const float *x, int64_t rows, int64_t columns, float *mean, float *m2) {
  RECORD(moments, x, rows, columns, mean, m2);
}

static void affine(const float *x, const float *scale, const float *shift, int32_t relu, float *y, int64_t rows,
                   int64_t columns) {
  RECORD(affine, x, scale, shift, relu, y, rows, columns);
}

static void batch_norm_sums(const float *dy, const float *x, const float *scale, const float *shift,
                            const float *mean, const float *rstd, int64_t rows, int64_t columns, float *sum_dy,
                            float *sum_dy_x) {
  RECORD(batch_norm_sums, dy, x, scale, shift, mean, rstd, rows, columns, sum_dy, sum_dy_x);
}

static void batch_norm_gradient(const float *dy, const float *x, const float *scale, const float *shift,
                                const float *a, const float *b, const float *d, float *dx, int64_t rows,
                                int64_t columns) {
  RECORD(batch_norm_gradient, dy, x, scale, shift, a, b, d, dx, rows, columns);
}

static void normalize_bytes(const uint8_t *x, const float *scale, const float *shift, float *y, int64_t pixels,
                            int64_t channels) {
  RECORD(normalize_bytes, x, scale, shift, y, pixels, channels);
}

static void dropout(const float *x, float *y, int64_t count, uint64_t first, uint64_t key, uint64_t step,
                    uint32_t micro_batch, uint32_t threshold, float scale) {
  RECORD(dropout, x, y, count, first, key, step, micro_batch, threshold, scale);
}

static void pool_extreme(const nk_pool *pool, int32_t minimum, const float *x, const float *scale, const float *shift,
                         int32_t relu, int32_t raw, float *y, int32_t *index, uint8_t *place, int64_t from,
                         int64_t to) {
  RECORD(pool_extreme, pool, minimum, x, scale, shift, relu, raw, y, index, place, from, to);
}

static void pool_extreme_gradient(const nk_pool *pool, const float *dy, const uint8_t *place, float *dx, int64_t from,
                                  int64_t to) {
  RECORD(pool_extreme_gradient, pool, dy, place, dx, from, to);
}

static void pool_average(const nk_pool *pool, const float *x, float *y, int64_t from, int64_t to) {
  RECORD(pool_average, pool, x, y, from, to);
}

static void pool_average_gradient(const nk_pool *pool, const float *dy, float *dx) {
  RECORD(pool_average_gradient, pool, dy, dx);
}

static void winograd_weights(int32_t m, const float *taps, int64_t size, float *out, int64_t first, int64_t count) {
  RECORD(winograd_weights, m, taps, size, out, first, count);
}

static void winograd_input(const nk_winograd *winograd, const float *frame, float *v) {
  RECORD(winograd_input, winograd, frame, v);
}

static void winograd_multiply(const nk_winograd *winograd, const float *v, const float *weights, float *product,
                              int64_t tiles) {
  RECORD(winograd_multiply, winograd, v, weights, product, tiles);
}

static void winograd_output(const nk_winograd *winograd, const float *product, const float *bias, const float *addend,
                            float *y) {
  RECORD(winograd_output, winograd, product, bias, addend, y);
}

static void winograd_spread(const nk_winograd *winograd, const float *dy, float *products) {
  RECORD(winograd_spread, winograd, dy, products);
}

static void winograd_correlate(const nk_winograd *winograd, const float *v, const float *products, float *sums,
                               int64_t tiles, int32_t accumulate) {
  RECORD(winograd_correlate, winograd, v, products, sums, tiles, accumulate);
}

static void winograd_taps(int32_t m, const float *sums, int64_t size, float *taps, int64_t first, int64_t count) {
  RECORD(winograd_taps, m, sums, size, taps, first, count);
}

static void normalized_sum(const nk_addend *a, const nk_addend *b, int32_t relu, float *y, int64_t rows,
                           int64_t columns) {
  RECORD(normalized_sum, a, b, relu, y, rows, columns);
}

static void gated_sum(const float *a, const float *b, const float *y, float *dx, int64_t count) {
  RECORD(gated_sum, a, b, y, dx, count);
}

static void resample_rows(const nk_axis *axis, const uint8_t *source, ptrdiff_t source_row, uint8_t *target,
                          ptrdiff_t target_row, int64_t rows, int64_t channels) {
  RECORD(resample_rows, axis, source, source_row, target, target_row, rows, channels);
}

static void resample_columns(const nk_axis *axis, const uint8_t *source, ptrdiff_t source_row, uint8_t *target,
                             ptrdiff_t target_row, int64_t columns) {
  RECORD(resample_columns, axis, source, source_row, target, target_row, columns);
}

static void warp_row(const nk_warp *warp, int64_t x, int64_t y, uint8_t *target, int64_t count) {
  RECORD(warp_row, warp, x, y, target, count);
}

static void byte_sums(const uint8_t *x, int64_t pixels, int64_t channels, uint64_t *sums) {
  RECORD(byte_sums, x, pixels, channels, sums);
}

static void byte_table(const uint8_t *table, uint8_t *x, int64_t count) { RECORD(byte_table, table, x, count); }

static void update(const nk_update *update, float *w, const float *g, float *s0, float *s1, int64_t count) {
  RECORD(update, update, w, g, s0, s1, count);
}

static float sum_squares(const float *x, int64_t count) {
  recording r = {.name = "sum_squares", .head.entry = ENTRY_sum_squares};
  EACH(x, count);
  const float result = real->sum_squares(x, count);
  uint32_t bits;
  memcpy(&bits, &result, sizeof bits);
  finish(&r, bits);
  return result;
}

static int32_t all_finite(const float *x, int64_t count) {
  recording r = {.name = "all_finite", .head.entry = ENTRY_all_finite};
  EACH(x, count);
  const int32_t result = real->all_finite(x, count);
  finish(&r, (uint32_t)result);
  return result;
}

static void end(void) {
  const uint64_t word = KERNEL_CALLS_END;
  put(&word, sizeof word);
  if (fclose(file)) fail("file", "cannot be written");
}

const nk_table *kernel_recorder_start(const nk_table *table, const char *path) {
  static nk_table recorded;
  file = fopen(path, "wb");
  if (!file) return NULL;
  const uint64_t word = KERNEL_CALLS_BEGIN;
  put(&word, sizeof word);
  atexit(end);
  real = table;
#define REPLACED(entry) .entry = entry,
  recorded = (nk_table){.isa = table->isa, .fused_multiply_add = table->fused_multiply_add, KERNEL_ENTRIES(REPLACED)};
#undef REPLACED
  return &recorded;
}
