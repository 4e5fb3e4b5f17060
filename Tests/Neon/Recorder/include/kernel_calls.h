/* Recorded calls of kernels: the problems and answers that one machine writes and another checks.
 *
 * A file is the word KERNEL_CALLS_BEGIN, calls, and the word KERNEL_CALLS_END. A call is a `call_head`, its
 * `call_argument`s, and its arrays: for each an `array_head`, its bytes before the call, and where the call changed it
 * its bytes after it. All of it in the byte order and layout that x86-64 and aarch64 share.
 */
#ifndef KERNEL_CALLS_H
#define KERNEL_CALLS_H

#include <stddef.h>
#include <stdint.h>

#include "nunchi_kernels.h"

/* Every function of nk_table, in any order. */
#define KERNEL_ENTRIES(DO)                                                                                             \
  DO(gemm) DO(depthwise) DO(depthwise_gradient) DO(pack) DO(map) DO(map_gradient) DO(binary) DO(fill) DO(copy)        \
  DO(one_hot) DO(reduce) DO(maximum_gradient)                                                                          \
  DO(softmax) DO(softmax_gradient) DO(cross_entropy) DO(cross_entropy_gradient) DO(moments) DO(affine)                 \
  DO(batch_norm_sums) DO(batch_norm_gradient) DO(normalize_bytes) DO(dropout) DO(pool_extreme)                         \
  DO(pool_extreme_gradient) DO(pool_average) DO(pool_average_gradient) DO(winograd_weights)                     \
  DO(winograd_input) DO(winograd_multiply) DO(winograd_output) DO(winograd_spread) DO(winograd_correlate)              \
  DO(winograd_taps) DO(normalized_sum) DO(gated_sum) DO(update) DO(sum_squares) DO(all_finite)              \
  DO(resample_rows) DO(resample_columns) DO(warp_row) DO(byte_sums) DO(byte_table)                          \
  DO(blend) DO(standardize) DO(standardize_gradient) DO(response) DO(response_gradient) DO(sort_rows)

#define KERNEL_ENTRY(name) ENTRY_##name,
typedef enum kernel_entry { KERNEL_ENTRIES(KERNEL_ENTRY) ENTRY_COUNT } kernel_entry;
#undef KERNEL_ENTRY

_Static_assert(sizeof(nk_table) == offsetof(nk_table, gemm) + ENTRY_COUNT * sizeof(void (*)(void)),
               "a function of nk_table is missing in KERNEL_ENTRIES");

enum { KERNEL_ARGUMENTS = 16 }; /* at most, of one call */
#define KERNEL_CALLS_BEGIN 0x31534C4C41434B4Eull
#define KERNEL_CALLS_END 0x444E454C4C41434Bull

typedef struct call_head {
  uint32_t entry, arguments, arrays;
  uint32_t result; /* the bits of a returned number; 0 where nothing is returned */
} call_head;

typedef enum argument_kind { ARGUMENT_INTEGER, ARGUMENT_FLOAT, ARGUMENT_ARRAY, ARGUMENT_NULL } argument_kind;

typedef struct call_argument {
  int64_t kind;
  int64_t value;  /* the integer, the bits of the float, or the number of the array */
  int64_t offset; /* where in the array the argument points, in bytes */
} call_argument;

typedef struct array_head {
  int64_t bytes;
  int64_t changed; /* 0 or 1 */
} array_head;

#endif
