/* NEON: sixteen lanes are four registers of 32. */
#define NK_FUSED 1
/* 6 x 16 accumulators, one vector of B and one broadcast of A fill 29 of 32 registers. */
#define NK_TILE_ROWS 6
#define NK_TILE_VECTORS 1
#define NK_TILE_MASKS_ALWAYS 0

NK_INLINE nk_floats nk_fma(nk_floats a, nk_floats b, nk_floats c) { return __builtin_elementwise_fma(a, b, c); }

#include "vector_counted.h"
