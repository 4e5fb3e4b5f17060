/// libFuzzer, where it is linked in.
#pragma once
#include <stddef.h>
#include <stdint.h>

/// Reads one input.
typedef void (*fuzz_body)(const uint8_t *bytes, size_t count);

/// Gives libFuzzer's inputs to `body`, by the arguments of its command line; -1 where there is no libFuzzer.
int fuzz_run(int argc, char **argv, fuzz_body body);
