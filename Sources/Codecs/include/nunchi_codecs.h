/// What Swift cannot say of the codec libraries: `setjmp` error handling and callbacks.
///
/// Every call is a pure function of its arguments and may run on any thread. `message` receives a sentence of at most
/// `capacity - 1` bytes when the answer is not `NUNCHI_CODEC_OK`. Nothing stays allocated after an error.
///
/// A picture is read in two calls: `_header` says what memory it needs, so that limits can be applied before any is
/// taken; `_decode` writes the pixels to the caller's memory.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  NUNCHI_CODEC_OK = 0,
  /// The file breaks off or contradicts itself; the rows before the damage are in the caller's memory.
  NUNCHI_CODEC_DAMAGED = 1,
  /// Nothing could be read.
  NUNCHI_CODEC_FAILED = 2,
  /// The library was absent when the package was built.
  NUNCHI_CODEC_ABSENT = 3,
  /// More bytes than the caller allows.
  NUNCHI_CODEC_LIMIT = 4,
};

typedef struct {
  int32_t width;
  int32_t height;
  /// Of the decoded pixels: 1 (gray) or 3 (RGB).
  int32_t channels;
  /// More pixels than this for each byte of the file cannot be, or are not believed.
  int32_t pixels_per_byte;
} nunchi_image_header;

bool nunchi_codec_has_jpeg(void);
bool nunchi_codec_has_png(void);
bool nunchi_codec_has_webp(void);
bool nunchi_codec_has_gif(void);
bool nunchi_codec_has_gzip(void);

/// Releases what an encoder or `nunchi_gzip_inflate` returned.
void nunchi_codec_free(uint8_t *bytes);

int nunchi_jpeg_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity);

/// Decodes at 1/`denominator` of the size, 1, 2, 4 or 8: `pixels` are ⌈height / denominator⌉ rows of
/// ⌈width / denominator⌉ pixels of `header->channels` bytes, interleaved. CMYK and YCCK become RGB, inverted where Adobe's
/// marker says so. `readable_rows`: the rows before the first damage.
int nunchi_jpeg_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, int denominator, uint8_t *pixels,
  int32_t *readable_rows, char *message, size_t capacity);

/// Encodes gray or RGB pixels; `quality` 1...100, above 90 without chroma subsampling. The result belongs to the caller.
int nunchi_jpeg_encode(
  const uint8_t *pixels, const nunchi_image_header *header, int quality, uint8_t **encoded, size_t *encoded_count,
  char *message, size_t capacity);

int nunchi_png_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity);

/// Decodes as `nunchi_jpeg_decode` does. Sixteen bits are scaled to eight; transparency is composed over white.
int nunchi_png_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity);

/// Encodes gray or RGB pixels; `level` 0...9 of zlib. The result belongs to the caller.
int nunchi_png_encode(
  const uint8_t *pixels, const nunchi_image_header *header, int level, uint8_t **encoded, size_t *encoded_count,
  char *message, size_t capacity);

int nunchi_webp_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity);

/// Decodes as `nunchi_png_decode` does: of an animation the first frame, on its canvas, which is white.
int nunchi_webp_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity);

/// The canvas, grown to hold the first frame where that reaches beyond it.
int nunchi_gif_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity);

/// Decodes the first frame on its canvas: what it leaves free or transparent is white.
int nunchi_gif_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity);

/// Expands a gzip file of one or more members to at most `limit` bytes. The result belongs to the caller.
int nunchi_gzip_inflate(
  const uint8_t *bytes, size_t count, size_t limit, uint8_t **expanded, size_t *expanded_count, char *message,
  size_t capacity);

/// Expands a gzip file as `nunchi_gzip_inflate` does, compares its checksums and keeps nothing of it.
int nunchi_gzip_check(const uint8_t *bytes, size_t count, size_t limit, char *message, size_t capacity);

typedef struct {
  /// Bytes of the input that were read, and bytes that were written.
  size_t consumed;
  size_t produced;
  /// Whether the data came to their end; `false` where `room` was filled before.
  bool ended;
} nunchi_inflated;

/// Expands raw deflate data into `target`, at most `room` bytes of it. Data that need more are no error.
int nunchi_inflate(
  const uint8_t *bytes, size_t count, uint8_t *target, size_t room, nunchi_inflated *result, char *message,
  size_t capacity);

/// The CRC-32 of zip, gzip and PNG.
uint32_t nunchi_crc32(const uint8_t *bytes, size_t count);
