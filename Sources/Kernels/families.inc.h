/* Every family of kernels, instantiated for the instruction set whose vector_<isa>.h was included before. */
#include "vector.inc.h"

#include "functions.inc.h"

#include "elementwise.inc.h"
#include "blend.inc.h"
#include "gemm.inc.h"
#include "depthwise.inc.h"
#include "movement.inc.h"
#include "normalization.inc.h"
#include "pooling.inc.h"
#include "random.inc.h"
#include "reduction.inc.h"
#include "resample.inc.h"
#include "softmax.inc.h"
#include "sort.inc.h"
#include "standardization.inc.h"
#include "update.inc.h"
#include "warp.inc.h"
#include "winograd.inc.h"

#define NK_TABLE(ISA)                                                                                                  \
  {                                                                                                                    \
      .isa = ISA,                                                                                                      \
      .fused_multiply_add = NK_FUSED,                                                                                  \
      .gemm = gemm,                                                                                                    \
      .pack = pack,                                                                                                    \
      .depthwise = depthwise,                                                                                          \
      .depthwise_gradient = depthwise_gradient,                                                                        \
      .map = map,                                                                                                      \
      .map_gradient = map_gradient,                                                                                    \
      .binary = binary,                                                                                                \
      .fill = fill,                                                                                                    \
      .copy = copy,                                                                                                    \
      .one_hot = one_hot,                                                                                              \
      .reduce = reduce,                                                                                                \
      .maximum_gradient = maximum_gradient,                                                                            \
      .softmax = softmax,                                                                                              \
      .softmax_gradient = softmax_gradient,                                                                            \
      .cross_entropy = cross_entropy,                                                                                  \
      .cross_entropy_gradient = cross_entropy_gradient,                                                                \
      .blend = blend,                                                                                                  \
      .standardize = standardize,                                                                                      \
      .standardize_gradient = standardize_gradient,                                                                    \
      .response = response,                                                                                            \
      .response_gradient = response_gradient,                                                                          \
      .sort_rows = sort_rows,                                                                                          \
      .moments = moments,                                                                                              \
      .affine = affine,                                                                                                \
      .normalized_sum = normalized_sum,                                                                                \
      .gated_sum = gated_sum,                                                                                          \
      .batch_norm_sums = batch_norm_sums,                                                                              \
      .batch_norm_gradient = batch_norm_gradient,                                                                      \
      .normalize_bytes = normalize_bytes,                                                                              \
      .dropout = dropout,                                                                                              \
      .pool_extreme = pool_extreme,                                                                                    \
      .pool_extreme_gradient = pool_extreme_gradient,                                                                  \
      .pool_average = pool_average,                                                                                    \
      .pool_average_gradient = pool_average_gradient,                                                                  \
      .update = update,                                                                                                \
      .resample_rows = resample_rows,                                                                                  \
      .resample_columns = resample_columns,                                                                            \
      .warp_row = warp_row,                                                                                            \
      .byte_sums = byte_sums,                                                                                          \
      .byte_table = byte_table,                                                                                        \
      .winograd_weights = winograd_weights,                                                                            \
      .winograd_input = winograd_input,                                                                                \
      .winograd_multiply = winograd_multiply,                                                                          \
      .winograd_output = winograd_output,                                                                              \
      .winograd_spread = winograd_spread,                                                                              \
      .winograd_correlate = winograd_correlate,                                                                        \
      .winograd_taps = winograd_taps,                                                                                  \
      .sum_squares = sum_squares,                                                                                      \
      .all_finite = all_finite,                                                                                        \
  }
