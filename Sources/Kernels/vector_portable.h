/* Any machine: multiplication and addition round one after the other, because a fused multiply-add that the machine
 * lacks would be a library call a lane. */
#define NK_FUSED 0
/* 2 x 16 accumulators and one vector of B fill 12 of SSE2's 16 registers. */
#define NK_TILE_ROWS 2
#define NK_TILE_VECTORS 1
#define NK_TILE_MASKS_ALWAYS 0

NK_INLINE nk_floats nk_fma(nk_floats a, nk_floats b, nk_floats c) { return a * b + c; }

#include "vector_counted.h"
