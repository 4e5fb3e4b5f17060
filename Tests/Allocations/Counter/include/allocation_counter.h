/* Counts the calls of malloc and its kin in a process that links this. */
#pragma once

/* Calls so far; -1 where they cannot be counted. */
long allocation_count(void);
