#include "nunchi_codecs.h"

#include "absent.h"

#include <stdio.h>
#include <stdlib.h>

#if __has_include(<zlib.h>)
#include <zlib.h>

bool nunchi_codec_has_gzip(void) { return true; }

/// What becomes of the bytes: kept in memory that grows, or forgotten.
typedef struct {
  bool keeps;
  uint8_t *bytes;
  size_t used, reserved;
} sink;

static int give_up(z_stream *stream, sink *sink, int answer, const char *text, char *message, size_t capacity) {
  snprintf(message, capacity, "%s", text);
  inflateEnd(stream);
  free(sink->bytes);
  return answer;
}

/// Expands all members of a gzip file and compares their checksums.
static int expand(const uint8_t *bytes, size_t count, size_t limit, sink *sink, char *message, size_t capacity) {
  enum { gzip_only = 31, step = 1 << 24, window = 1 << 16 };
  z_stream stream = {0};
  size_t consumed = 0;
  uint8_t scratch[window];
  if (inflateInit2(&stream, gzip_only) != Z_OK)
    return give_up(&stream, sink, NUNCHI_CODEC_FAILED, "zlib could not be started", message, capacity);
  for (;;) {
    if (sink->used > limit)
      return give_up(&stream, sink, NUNCHI_CODEC_LIMIT, "more bytes than expected", message, capacity);
    if (sink->keeps && sink->used == sink->reserved) {
      size_t reserved = sink->reserved == 0 ? window : sink->reserved * 2;
      uint8_t *grown = realloc(sink->bytes, reserved);
      if (!grown) return give_up(&stream, sink, NUNCHI_CODEC_FAILED, "out of memory", message, capacity);
      sink->bytes = grown;
      sink->reserved = reserved;
    }
    size_t available = count - consumed < step ? count - consumed : step;
    size_t room = !sink->keeps ? window : sink->reserved - sink->used < step ? sink->reserved - sink->used : step;
    stream.next_in = (Bytef *)bytes + consumed;
    stream.avail_in = (uInt)available;
    stream.next_out = sink->keeps ? sink->bytes + sink->used : scratch;
    stream.avail_out = (uInt)room;
    int answer = inflate(&stream, Z_NO_FLUSH);
    consumed += available - stream.avail_in;
    sink->used += room - stream.avail_out;
    if (answer == Z_STREAM_END) {
      if (consumed == count || bytes[consumed] != 0x1f) break;
      inflateReset(&stream);
    } else if (answer == Z_BUF_ERROR && consumed == count) {
      return give_up(&stream, sink, NUNCHI_CODEC_FAILED, "the file ends too early", message, capacity);
    } else if (answer != Z_OK && answer != Z_BUF_ERROR) {
      const char *text = stream.msg ? stream.msg : "not a gzip file";
      return give_up(&stream, sink, NUNCHI_CODEC_FAILED, text, message, capacity);
    }
  }
  if (sink->used > limit)
    return give_up(&stream, sink, NUNCHI_CODEC_LIMIT, "more bytes than expected", message, capacity);
  inflateEnd(&stream);
  return NUNCHI_CODEC_OK;
}

int nunchi_gzip_inflate(
  const uint8_t *bytes, size_t count, size_t limit, uint8_t **expanded, size_t *expanded_count, char *message,
  size_t capacity) {
  sink sink = {.keeps = true};
  int answer = expand(bytes, count, limit, &sink, message, capacity);
  if (answer != NUNCHI_CODEC_OK) return answer;
  *expanded = sink.bytes;
  *expanded_count = sink.used;
  return NUNCHI_CODEC_OK;
}

int nunchi_gzip_check(const uint8_t *bytes, size_t count, size_t limit, char *message, size_t capacity) {
  sink sink = {.keeps = false};
  return expand(bytes, count, limit, &sink, message, capacity);
}

#else

bool nunchi_codec_has_gzip(void) { return false; }

int nunchi_gzip_inflate(
  const uint8_t *bytes, size_t count, size_t limit, uint8_t **expanded, size_t *expanded_count, char *message,
  size_t capacity) {
  return absent("zlib", message, capacity);
}

int nunchi_gzip_check(const uint8_t *bytes, size_t count, size_t limit, char *message, size_t capacity) {
  return absent("zlib", message, capacity);
}

#endif
