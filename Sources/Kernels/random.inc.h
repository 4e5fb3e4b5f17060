/* Dropout by Philox4x32-10, four blocks of four words in one vector.
 *
 * A lane quadruple holds the block (c0, c1, c2, c3), so the words come out in the order of the elements. A round
 * multiplies c0 and c2, the even lanes; a product fills two lanes, its low word first, and
 *   c' = (high(c2 * M1) ^ c1 ^ k0, low(c2 * M1), high(c0 * M0) ^ c3 ^ k1, low(c0 * M0))
 * is those four words backwards, exclusive-or the odd lanes moved down, exclusive-or the key.
 */
typedef uint64_t nk_pairs __attribute__((ext_vector_type(8)));

NK_INLINE nk_words philox(nk_words counter, uint64_t key) {
  const nk_pairs multiplier = {0xD2511F53, 0xCD9E8D57, 0xD2511F53, 0xCD9E8D57,
                               0xD2511F53, 0xCD9E8D57, 0xD2511F53, 0xCD9E8D57};
  uint32_t k0 = (uint32_t)key, k1 = (uint32_t)(key >> 32);
  NK_UNROLL for (int round = 0; round < 10; round++) {
    nk_pairs pairs = (nk_pairs)counter;
    nk_words product = (nk_words)((pairs & 0xFFFFFFFFu) * multiplier);
    nk_pairs keys = {k0, k1, k0, k1, k0, k1, k0, k1};
    counter = __builtin_shufflevector(product, product, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12) ^
              (nk_words)((pairs >> 32) ^ keys);
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  return counter;
}

static void dropout(const float *x, float *y, int64_t count, uint64_t first, uint64_t key, uint64_t step,
                    uint32_t micro_batch, uint32_t threshold, float scale) {
  const uint32_t low = (uint32_t)step, high = (uint32_t)(step >> 32), block = (uint32_t)(first / 4);
  const nk_words start = {block,     micro_batch, low, high, block + 1, micro_batch, low, high,
                          block + 2, micro_batch, low, high, block + 3, micro_batch, low, high};
  const nk_words one = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0};
#define DROPOUT_STEP(i, n)                                                                                             \
  do {                                                                                                                 \
    nk_words random = philox(start + one * (uint32_t)((i) / 4), key);                                                  \
    nk_put(y + (i), n, random < threshold ? nk_zero() : nk_get(x + (i), n) * scale);                                   \
  } while (0)
  NK_VECTORS(count, DROPOUT_STEP);
#undef DROPOUT_STEP
}
