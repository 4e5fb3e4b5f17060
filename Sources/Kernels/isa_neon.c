#include "instruction_set.h"

#if defined(__aarch64__)
#include "vector_neon.h"

#include "families.inc.h"

const nk_table nk_table_neon = NK_TABLE(NK_NEON);
#endif
