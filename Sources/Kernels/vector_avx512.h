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

/* x[i] = table[x[i]] for whole blocks of 64 bytes; returns how many bytes that were. The table is 128 words in four
 * registers: the upper seven bits of a byte choose the word, the lowest the half of it. */
#define NK_HAS_BYTE_TABLE 1
NK_INLINE __m512i nk_byte_lookup(const __m512i table[4], __m512i index) {
  const __m512i word = _mm512_srli_epi16(index, 1);
  const __m512i lower = _mm512_permutex2var_epi16(table[0], word, table[1]);
  const __m512i upper = _mm512_permutex2var_epi16(table[2], word, table[3]);
  const __m512i both = _mm512_mask_blend_epi16(_mm512_test_epi16_mask(index, _mm512_set1_epi16(128)), lower, upper);
  const __m512i shift = _mm512_slli_epi16(_mm512_and_si512(index, _mm512_set1_epi16(1)), 3);
  return _mm512_and_si512(_mm512_srlv_epi16(both, shift), _mm512_set1_epi16(255));
}

NK_INLINE int64_t nk_byte_table(const uint8_t *table, uint8_t *x, int64_t count) {
  __m512i words[4];
  for (int i = 0; i < 4; i++) words[i] = _mm512_loadu_si512(table + 64 * i);
  int64_t i = 0;
  for (; i + 64 <= count; i += 64) {
    const __m512i bytes = _mm512_loadu_si512(x + i);
    const __m512i even = nk_byte_lookup(words, _mm512_and_si512(bytes, _mm512_set1_epi16(255)));
    const __m512i odd = nk_byte_lookup(words, _mm512_srli_epi16(bytes, 8));
    _mm512_storeu_si512(x + i, _mm512_or_si512(even, _mm512_slli_epi16(odd, 8)));
  }
  return i;
}
