/* AVX2 and FMA: sixteen lanes are two registers; masks are vectors whose sign bits choose. */
typedef struct nk_lanes {
  __m256i low, high;
} nk_lanes;

#define NK_FUSED 1
/* 6 x 16 accumulators, one vector of B and one broadcast of A fill 15 of 16 registers. */
#define NK_TILE_ROWS 6
#define NK_TILE_VECTORS 1
#define NK_TILE_MASKS_ALWAYS 0

NK_INLINE nk_floats nk_fma(nk_floats a, nk_floats b, nk_floats c) { return __builtin_elementwise_fma(a, b, c); }

NK_INLINE nk_lanes nk_first(int64_t n) {
  __m256i numbers = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
  __m256i count = _mm256_set1_epi32(n > 16 ? 16 : (int32_t)n);
  return (nk_lanes){_mm256_cmpgt_epi32(count, numbers),
                    _mm256_cmpgt_epi32(_mm256_sub_epi32(count, _mm256_set1_epi32(8)), numbers)};
}

NK_INLINE nk_floats nk_load_lanes(const float *from, nk_lanes lanes) {
  nk_floats value;
  value.lo = _mm256_maskload_ps(from, lanes.low);
  value.hi = _mm256_maskload_ps(from + 8, lanes.high);
  return value;
}

NK_INLINE void nk_store_lanes(float *to, nk_lanes lanes, nk_floats value) {
  _mm256_maskstore_ps(to, lanes.low, (__m256)value.lo);
  _mm256_maskstore_ps(to + 8, lanes.high, (__m256)value.hi);
}
