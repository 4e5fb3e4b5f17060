#include "instruction_set.h"

#if defined(__x86_64__)
#pragma clang attribute push(__attribute__((target("avx512f,avx512dq,avx512bw,avx512vl,fma"))), apply_to = function)
#include "vector_avx512.h"

#include "families.inc.h"
#pragma clang attribute pop

const nk_table nk_table_avx512 = NK_TABLE(NK_AVX512);
#endif
