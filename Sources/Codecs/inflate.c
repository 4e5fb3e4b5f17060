#include "nunchi_codecs.h"

#include <stdio.h>

#if __has_include(<zlib.h>)
#include <zlib.h>

uint32_t nunchi_crc32(const uint8_t *bytes, size_t count) { return (uint32_t)crc32_z(0, bytes, count); }

int nunchi_inflate(
  const uint8_t *bytes, size_t count, uint8_t *target, size_t room, nunchi_inflated *result, char *message,
  size_t capacity) {
  enum { raw = -15, step = 1 << 24 };
  z_stream stream = {0};
  uint8_t beyond;
  int answer = inflateInit2(&stream, raw);
  *result = (nunchi_inflated){0};
  if (answer != Z_OK) {
    snprintf(message, capacity, "zlib could not be started");
    return NUNCHI_CODEC_FAILED;
  }
  for (;;) {
    size_t available = count - result->consumed < step ? count - result->consumed : step;
    size_t left = room - result->produced < step ? room - result->produced : step;
    stream.next_in = (Bytef *)bytes + result->consumed;
    stream.avail_in = (uInt)available;
    // The end of the data may come only when one more byte is asked for.
    stream.next_out = left > 0 ? target + result->produced : &beyond;
    stream.avail_out = left > 0 ? (uInt)left : 1;
    answer = inflate(&stream, Z_NO_FLUSH);
    result->consumed += available - stream.avail_in;
    if (left > 0) result->produced += left - stream.avail_out;
    result->ended = answer == Z_STREAM_END;
    if (result->ended || (left == 0 && stream.avail_out == 0)) break;
    if (answer == Z_BUF_ERROR && result->consumed < count) continue;
    if (answer != Z_OK) {
      snprintf(message, capacity, "%s", answer == Z_BUF_ERROR ? "the data end too early" : stream.msg ? stream.msg : "damaged data");
      inflateEnd(&stream);
      return NUNCHI_CODEC_FAILED;
    }
  }
  inflateEnd(&stream);
  return NUNCHI_CODEC_OK;
}

#else

uint32_t nunchi_crc32(const uint8_t *bytes, size_t count) {
  uint32_t value = ~0u;
  for (size_t index = 0; index < count; index++) {
    value ^= bytes[index];
    for (int bit = 0; bit < 8; bit++) value = value & 1 ? value >> 1 ^ 0xEDB88320u : value >> 1;
  }
  return ~value;
}

int nunchi_inflate(
  const uint8_t *bytes, size_t count, uint8_t *target, size_t room, nunchi_inflated *result, char *message,
  size_t capacity) {
  snprintf(message, capacity, "zlib was absent when this program was built");
  return NUNCHI_CODEC_ABSENT;
}

#endif
