/* Machines without masked memory access: the first n lanes are counted out. */
typedef int64_t nk_lanes;

NK_INLINE nk_lanes nk_first(int64_t n) { return n >= 16 ? 16 : n; }

NK_INLINE nk_floats nk_load_lanes(const float *from, nk_lanes lanes) {
  float value[16] = {0};
  for (nk_lanes i = 0; i < lanes; i++) value[i] = from[i];
  nk_floats loaded;
  memcpy(&loaded, value, sizeof loaded);
  return loaded;
}

NK_INLINE void nk_store_lanes(float *to, nk_lanes lanes, nk_floats value) {
  float stored[16];
  memcpy(stored, &value, sizeof stored);
  for (nk_lanes i = 0; i < lanes; i++) to[i] = stored[i];
}
