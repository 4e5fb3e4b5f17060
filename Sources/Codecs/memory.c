#include "nunchi_codecs.h"

#include <stdlib.h>

void nunchi_codec_free(uint8_t *bytes) { free(bytes); }
