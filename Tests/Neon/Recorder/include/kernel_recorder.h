/* Writes the calls of kernels to a file (see kernel_calls.h), so that a machine without Swift can repeat them. */
#ifndef KERNEL_RECORDER_H
#define KERNEL_RECORDER_H

#include "nunchi_kernels.h"

#pragma clang assume_nonnull begin

/* A table whose functions call those of `table` and write what they were given and what they made of it to a new file.
 * Once a process; the file is complete when the process exits. NULL where it cannot be written. */
const nk_table *_Nullable kernel_recorder_start(const nk_table *table, const char *path);

/* The extents of an array: pointers that recorded functions receive must point into arrays announced here. */
void kernel_recorder_announce(const void *array, int64_t bytes);
void kernel_recorder_forget(const void *array);

#pragma clang assume_nonnull end
#endif
