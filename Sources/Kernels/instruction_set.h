/* What every instruction set's file begins with: the system's headers, which must come before a target pragma, and the
 * vector type. */
#ifndef NUNCHI_INSTRUCTION_SET_H
#define NUNCHI_INSTRUCTION_SET_H

#include <string.h>

#include "nunchi_kernels.h"

#if defined(__x86_64__)
#include <immintrin.h>
extern const nk_table nk_table_avx2, nk_table_avx512;
#elif defined(__aarch64__)
extern const nk_table nk_table_neon;
#endif
extern const nk_table nk_table_portable;

/* Fusing is written out (nk_fma), never left to the compiler: bits depend on it. */
#pragma STDC FP_CONTRACT OFF

/* 16-lane vectors travel only between functions that are inlined into each other: no calling convention is at stake. */
#pragma clang diagnostic ignored "-Wpsabi"

#define NK_INLINE static inline __attribute__((always_inline))
#define NK_UNROLL _Pragma("clang loop unroll(full)")

typedef float nk_floats __attribute__((ext_vector_type(16)));

#endif
