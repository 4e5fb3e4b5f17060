#include "nunchi_codecs.h"

#include "absent.h"

#include <stdio.h>
#include <stdlib.h>

#if __has_include(<zlib.h>)
#include <zlib.h>

bool nunchi_codec_has_gzip(void) { return true; }

static int give_up(z_stream *stream, uint8_t *buffer, const char *text, char *message, size_t capacity) {
  snprintf(message, capacity, "%s", text);
  inflateEnd(stream);
  free(buffer);
  return NUNCHI_CODEC_FAILED;
}

int nunchi_gzip_inflate(
  const uint8_t *bytes, size_t count, size_t limit, uint8_t **expanded, size_t *expanded_count, char *message,
  size_t capacity) {
  enum { gzip_only = 31, step = 1 << 24 };
  z_stream stream = {0};
  size_t consumed = 0, used = 0, reserved = 0;
  uint8_t *buffer = NULL;
  if (inflateInit2(&stream, gzip_only) != Z_OK)
    return give_up(&stream, buffer, "zlib could not be started", message, capacity);
  for (;;) {
    if (used == reserved) {
      if (reserved > limit) return give_up(&stream, buffer, "more bytes than expected", message, capacity);
      reserved = reserved == 0 ? 1 << 16 : reserved * 2;
      uint8_t *grown = realloc(buffer, reserved);
      if (!grown) return give_up(&stream, buffer, "out of memory", message, capacity);
      buffer = grown;
    }
    size_t available = count - consumed < step ? count - consumed : step;
    size_t room = reserved - used < step ? reserved - used : step;
    stream.next_in = (Bytef *)bytes + consumed;
    stream.avail_in = (uInt)available;
    stream.next_out = buffer + used;
    stream.avail_out = (uInt)room;
    int answer = inflate(&stream, Z_NO_FLUSH);
    consumed += available - stream.avail_in;
    used += room - stream.avail_out;
    if (answer == Z_STREAM_END) {
      if (consumed == count || bytes[consumed] != 0x1f) break;
      inflateReset(&stream);
    } else if (answer == Z_BUF_ERROR && consumed == count) {
      return give_up(&stream, buffer, "the file ends too early", message, capacity);
    } else if (answer != Z_OK && answer != Z_BUF_ERROR) {
      return give_up(&stream, buffer, stream.msg ? stream.msg : "not a gzip file", message, capacity);
    }
  }
  inflateEnd(&stream);
  if (used > limit) {
    snprintf(message, capacity, "more bytes than expected");
    free(buffer);
    return NUNCHI_CODEC_FAILED;
  }
  *expanded = buffer;
  *expanded_count = used;
  return NUNCHI_CODEC_OK;
}

#else

bool nunchi_codec_has_gzip(void) { return false; }

int nunchi_gzip_inflate(
  const uint8_t *bytes, size_t count, size_t limit, uint8_t **expanded, size_t *expanded_count, char *message,
  size_t capacity) {
  return absent("zlib", message, capacity);
}

#endif
