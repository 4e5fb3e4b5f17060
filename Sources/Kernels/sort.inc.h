/* Rows in order, by merging runs of indices from neighbouring pairs upwards. */
static int stands_before(float a, float b, int32_t descending) {
  const float first = descending ? b : a, second = descending ? a : b;
  return first < second || (second != second && first == first);
}

static void sort_rows(const float *x, int64_t rows, int64_t columns, int64_t kept, int32_t descending, float *values,
                      int32_t *columns_of, int32_t *scratch) {
  for (int64_t r = 0; r < rows; r++, x += columns, values += kept, columns_of += kept) {
    int32_t *from = scratch, *to = scratch + columns;
    for (int64_t i = 0; i < columns; i++) from[i] = (int32_t)i;
    for (int64_t run = 1; run < columns; run *= 2) {
      for (int64_t first = 0; first < columns; first += 2 * run) {
        const int64_t middle = at_most(first + run, columns), end = at_most(first + 2 * run, columns);
        int64_t left = first, right = middle;
        for (int64_t i = first; i < end; i++) {
          /* Of equal ones the left, which stood before. */
          const int takes_right =
              right < end && (left == middle || stands_before(x[from[right]], x[from[left]], descending));
          to[i] = takes_right ? from[right++] : from[left++];
        }
      }
      int32_t *sorted = to;
      to = from;
      from = sorted;
    }
    for (int64_t i = 0; i < kept; i++) {
      values[i] = x[from[i]];
      columns_of[i] = from[i];
    }
  }
}
