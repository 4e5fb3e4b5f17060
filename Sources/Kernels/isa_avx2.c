#include "instruction_set.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#include "vector_avx2.h"

#include "families.inc.h"
#pragma clang attribute pop

const nk_table nk_table_avx2 = NK_TABLE(NK_AVX2);
#endif
