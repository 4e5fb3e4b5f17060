/// What a codec answers whose library was absent when the package was built.
#pragma once
#include "nunchi_codecs.h"

#include <stdio.h>

static inline int absent(const char *library, char *message, size_t capacity) {
  snprintf(message, capacity, "%s was absent when this program was built", library);
  return NUNCHI_CODEC_ABSENT;
}
