#include "fuzz_driver.h"

__attribute__((weak)) int LLVMFuzzerRunDriver(
  int *argc, char ***argv, int (*body)(const uint8_t *bytes, size_t count));

static fuzz_body reading;

static int read_one(const uint8_t *bytes, size_t count) {
  reading(bytes, count);
  return 0;
}

int fuzz_run(int argc, char **argv, fuzz_body body) {
  reading = body;
  return LLVMFuzzerRunDriver ? LLVMFuzzerRunDriver(&argc, &argv, read_one) : -1;
}
