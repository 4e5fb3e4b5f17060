/* AVX-512: sixteen lanes are one register, and masks cost nothing. */
typedef __mmask16 nk_lanes;

#define NK_FUSED 1
/* 14 x 32 accumulators, two vectors of B and one broadcast of A fill 31 of 32 registers. */
#define NK_TILE_ROWS 14
#define NK_TILE_VECTORS 3
/* 9 x 48 accumulators, three vectors of B and one broadcast of A fill 31 as well. */
#define NK_TILE_ROWS_OF_3 9
/* A masked load is as fast as a plain one, so one micro-kernel serves whole and partial tiles. */
#define NK_TILE_MASKS_ALWAYS 1

NK_INLINE nk_floats nk_fma(nk_floats a, nk_floats b, nk_floats c) { return __builtin_elementwise_fma(a, b, c); }
NK_INLINE nk_lanes nk_first(int64_t n) { return n >= 16 ? 0xFFFF : (nk_lanes)((1u << n) - 1); }

NK_INLINE nk_floats nk_load_lanes(const float *from, nk_lanes lanes) {
  return (nk_floats)_mm512_maskz_loadu_ps(lanes, from);
}

NK_INLINE void nk_store_lanes(float *to, nk_lanes lanes, nk_floats value) {
  _mm512_mask_storeu_ps(to, lanes, (__m512)value);
}

/* sum[v] += *left * right[v]. One instruction block, because the compiler otherwise loads many rows' elements of A ahead
 * of their use, runs out of registers and keeps accumulators on the stack. */
#define NK_HAS_FMA_BROADCAST 1
NK_INLINE void nk_fma_broadcast(const float *left, const nk_floats *right, nk_floats *sum, const int vectors) {
  nk_floats element;
  if (vectors == 3)
    __asm__("vbroadcastss %4, %0\n\tvfmadd231ps %5, %0, %1\n\tvfmadd231ps %6, %0, %2\n\tvfmadd231ps %7, %0, %3"
            : "=&v"(element), "+v"(sum[0]), "+v"(sum[1]), "+v"(sum[2])
            : "m"(*left), "v"(right[0]), "v"(right[1]), "v"(right[2]));
  else if (vectors == 2)
    __asm__("vbroadcastss %3, %0\n\tvfmadd231ps %4, %0, %1\n\tvfmadd231ps %5, %0, %2"
            : "=&v"(element), "+v"(sum[0]), "+v"(sum[1])
            : "m"(*left), "v"(right[0]), "v"(right[1]));
  else
    __asm__("vbroadcastss %2, %0\n\tvfmadd231ps %3, %0, %1"
            : "=&v"(element), "+v"(sum[0])
            : "m"(*left), "v"(right[0]));
}
