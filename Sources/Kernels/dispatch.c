#if defined(__linux__)
#define _GNU_SOURCE /* sched_getaffinity */
#include <sched.h>
#endif
#include <unistd.h>

#include "instruction_set.h"

#if defined(__x86_64__)
#include <cpuid.h>

/* Whether the operating system saves the registers named by `mask` (bits of XCR0) when it switches threads. */
static int saves_registers(uint32_t mask) {
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return (low & mask) == mask;
}

/* The best instruction set by what the CPU reports and the operating system saves. */
static nk_isa best_of_x86(void) {
  enum { FMA = 1 << 12, OSXSAVE = 1 << 27, AVX = 1 << 28 };
  enum { AVX2 = 1 << 5, AVX512F = 1 << 16, AVX512DQ = 1 << 17, AVX512BW = 1 << 30 };
  enum { YMM_STATE = 0x06, ZMM_STATE = 0xE6 };
  const uint32_t AVX512VL = 1u << 31;
  uint32_t a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d)) return NK_PORTABLE;
  const uint32_t basic = FMA | OSXSAVE | AVX;
  if ((c & basic) != basic || !saves_registers(YMM_STATE)) return NK_PORTABLE;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(b & AVX2)) return NK_PORTABLE;
  const uint32_t wide = AVX512F | AVX512DQ | AVX512BW | AVX512VL;
  return (b & wide) == wide && saves_registers(ZMM_STATE) ? NK_AVX512 : NK_AVX2;
}
#endif

nk_isa nk_best_isa(void) {
#if defined(__x86_64__)
  return best_of_x86();
#elif defined(__aarch64__)
  return NK_NEON;
#else
  return NK_PORTABLE;
#endif
}

const nk_table *nk_kernels(nk_isa isa) {
  switch (isa) {
  case NK_PORTABLE:
    return &nk_table_portable;
  case NK_NEON:
#if defined(__aarch64__)
    return &nk_table_neon;
#else
    return NULL;
#endif
  case NK_AVX2:
#if defined(__x86_64__)
    return best_of_x86() >= NK_AVX2 ? &nk_table_avx2 : NULL;
#else
    return NULL;
#endif
  case NK_AVX512:
#if defined(__x86_64__)
    return best_of_x86() >= NK_AVX512 ? &nk_table_avx512 : NULL;
#else
    return NULL;
#endif
  }
  return NULL;
}

const char *nk_isa_name(nk_isa isa) {
  switch (isa) {
  case NK_PORTABLE:
    return "portable";
  case NK_NEON:
    return "neon";
  case NK_AVX2:
    return "avx2";
  case NK_AVX512:
    return "avx512";
  }
  return "unknown";
}

#if defined(__x86_64__)
uint64_t nk_flush_denormals(void) {
  enum { FLUSH_TO_ZERO = 0x8000, DENORMALS_ARE_ZERO = 0x0040 };
  uint32_t state = _mm_getcsr();
  _mm_setcsr(state | FLUSH_TO_ZERO | DENORMALS_ARE_ZERO);
  return state;
}

void nk_restore_denormals(uint64_t state) { _mm_setcsr((uint32_t)state); }
#elif defined(__aarch64__)
uint64_t nk_flush_denormals(void) {
  const uint64_t flush_to_zero = 1u << 24; /* inputs and results */
  uint64_t state;
  __asm__ volatile("mrs %0, fpcr" : "=r"(state));
  __asm__ volatile("msr fpcr, %0" : : "r"(state | flush_to_zero));
  return state;
}

void nk_restore_denormals(uint64_t state) { __asm__ volatile("msr fpcr, %0" : : "r"(state)); }
#else
uint64_t nk_flush_denormals(void) { return 0; }
void nk_restore_denormals(uint64_t state) { (void)state; }
#endif

int32_t nk_usable_cores(void) {
#if defined(__linux__)
  cpu_set_t set;
  if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0) return CPU_COUNT(&set);
#endif
  const long online = sysconf(_SC_NPROCESSORS_ONLN);
  return online > 0 ? (int32_t)online : 1;
}
