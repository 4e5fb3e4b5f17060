#include "instruction_set.h"

#include "vector_portable.h"

#include "families.inc.h"

const nk_table nk_table_portable = NK_TABLE(NK_PORTABLE);
