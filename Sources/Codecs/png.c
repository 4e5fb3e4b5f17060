#include "nunchi_codecs.h"

#include "absent.h"
#include "failure.h"
#include "over_white.h"

#include <stdlib.h>
#include <string.h>

#if __has_include(<png.h>)
#include <png.h>

enum {
  /// The most bytes that deflate makes of one.
  deflate_ratio = 1032,
  /// Of a chunk that is not pixels.
  most_chunk_bytes = 1 << 23,
};

/// One reading or writing.
typedef struct {
  png_structp png;
  png_infop info;
  failure failure;
  nunchi_image_header header;
  /// What is read, and how much of it is left.
  const uint8_t *input;
  size_t remaining;
  /// The caller's memory for rows that are read.
  uint8_t *pixels;
  int32_t *readable_rows;
  /// What is written, and zlib's level for it.
  const uint8_t *source;
  int level;
  /// Rows with transparency, or the file that is written.
  uint8_t *buffer;
  size_t used;
  size_t reserved;
} work;

static _Noreturn void on_error(png_structp png, png_const_charp text) {
  work *state = png_get_error_ptr(png);
  fail(&state->failure, text);
}

static void on_warning(png_structp png, png_const_charp text) {}

static void read_bytes(png_structp png, png_bytep target, size_t count) {
  work *state = png_get_io_ptr(png);
  if (count > state->remaining) png_error(png, "the file ends too early");
  memcpy(target, state->input, count);
  state->input += count;
  state->remaining -= count;
}

static void write_bytes(png_structp png, png_bytep source, size_t count) {
  work *state = png_get_io_ptr(png);
  if (state->used + count > state->reserved) {
    size_t reserved = state->reserved * 2 + count + 4096;
    uint8_t *grown = realloc(state->buffer, reserved);
    if (!grown) png_error(png, "out of memory");
    state->buffer = grown;
    state->reserved = reserved;
  }
  memcpy(state->buffer + state->used, source, count);
  state->used += count;
}

static void flush_nothing(png_structp png) {}

bool nunchi_codec_has_png(void) { return true; }

static void open_reader(work *state) {
  state->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, state, on_error, on_warning);
  if (!state->png) fail(&state->failure, "libpng could not be started");
  state->info = png_create_info_struct(state->png);
  if (!state->info) png_error(state->png, "out of memory");
  png_set_benign_errors(state->png, 1);
  png_set_user_limits(state->png, 0x7fffffff, 0x7fffffff);
  // Texts, profiles and what else is not pixels are skipped: their lengths would be believed, and memory taken for them.
  png_set_keep_unknown_chunks(state->png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
  png_set_chunk_malloc_max(state->png, most_chunk_bytes);
#ifdef PNG_MAXIMUM_INFLATE_WINDOW
  // Some old writers declare a window smaller than they use.
  png_set_option(state->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
#endif
  png_set_read_fn(state->png, state, read_bytes);
  png_read_info(state->png, state->info);
}

static void read_header(void *reader) {
  work *state = reader;
  open_reader(state);
  state->header.width = (int32_t)png_get_image_width(state->png, state->info);
  state->header.height = (int32_t)png_get_image_height(state->png, state->info);
  state->header.channels = png_get_color_type(state->png, state->info) & PNG_COLOR_MASK_COLOR ? 3 : 1;
  int bits = png_get_bit_depth(state->png, state->info) * png_get_channels(state->png, state->info);
  state->header.pixels_per_byte = deflate_ratio * 8 / bits;
}

int nunchi_png_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  work state = {.failure = {.message = message, .capacity = capacity}, .input = bytes, .remaining = count};
  bool complete = attempt(&state.failure, read_header, &state);
  png_destroy_read_struct(&state.png, &state.info, NULL);
  *header = state.header;
  return complete ? NUNCHI_CODEC_OK : NUNCHI_CODEC_FAILED;
}

/// How many samples a pixel has after expansion: those of the header, or one more for transparency.
static int stored_channels(work *state) {
  int channels = state->header.channels;
  int stored = png_get_channels(state->png, state->info);
  if ((int32_t)png_get_image_width(state->png, state->info) != state->header.width
      || (int32_t)png_get_image_height(state->png, state->info) != state->header.height
      || (stored != channels && stored != channels + 1) || png_get_bit_depth(state->png, state->info) != 8)
    png_error(state->png, "the header changed between two readings");
  return stored;
}

/// Rows go straight into `pixels`; only transparency needs memory of its own, a row or, interlaced, the whole image.
static void decode(void *reader) {
  work *state = reader;
  open_reader(state);
  png_structp png = state->png;
  png_set_expand(png);
  png_set_scale_16(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, state->info);
  int channels = state->header.channels, stored = stored_channels(state);
  bool transparent = stored != channels;
  size_t width = (size_t)state->header.width, height = (size_t)state->header.height;
  size_t stored_row = width * (size_t)stored, row_bytes = width * (size_t)channels;
  if (transparent) {
    state->buffer = calloc(passes > 1 ? height : 1, stored_row);
    if (!state->buffer) png_error(png, "out of memory");
  }
  for (int pass = 0; pass < passes; pass++) {
    bool last = pass == passes - 1;
    for (size_t y = 0; y < height; y++) {
      uint8_t *target = state->pixels + y * row_bytes;
      uint8_t *row = transparent ? state->buffer + (passes > 1 ? y * stored_row : 0) : target;
      png_read_row(png, row, NULL);
      if (transparent && last) compose_over_white(row, target, state->header.width, channels);
      if (last) *state->readable_rows = (int32_t)y + 1;
    }
  }
}

int nunchi_png_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity) {
  *readable_rows = 0;
  work state = {
    .failure = {.message = message, .capacity = capacity},
    .header = *header,
    .input = bytes,
    .remaining = count,
    .pixels = pixels,
    .readable_rows = readable_rows,
  };
  bool complete = attempt(&state.failure, decode, &state);
  png_destroy_read_struct(&state.png, &state.info, NULL);
  free(state.buffer);
  return complete ? NUNCHI_CODEC_OK : NUNCHI_CODEC_DAMAGED;
}

static void encode(void *writer) {
  work *state = writer;
  state->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, state, on_error, on_warning);
  if (!state->png) fail(&state->failure, "libpng could not be started");
  state->info = png_create_info_struct(state->png);
  if (!state->info) png_error(state->png, "out of memory");
  png_set_write_fn(state->png, state, write_bytes, flush_nothing);
  png_set_compression_level(state->png, state->level);
  nunchi_image_header header = state->header;
  png_set_IHDR(
    state->png, state->info, (png_uint_32)header.width, (png_uint_32)header.height, 8,
    header.channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
    PNG_FILTER_TYPE_DEFAULT);
  png_write_info(state->png, state->info);
  size_t row_bytes = (size_t)header.width * (size_t)header.channels;
  for (int32_t y = 0; y < header.height; y++) png_write_row(state->png, state->source + (size_t)y * row_bytes);
  png_write_end(state->png, state->info);
}

int nunchi_png_encode(
  const uint8_t *pixels, const nunchi_image_header *header, int level, uint8_t **encoded, size_t *encoded_count,
  char *message, size_t capacity) {
  work state = {
    .failure = {.message = message, .capacity = capacity}, .header = *header, .source = pixels, .level = level};
  bool complete = attempt(&state.failure, encode, &state);
  png_destroy_write_struct(&state.png, &state.info);
  if (!complete) {
    free(state.buffer);
    return NUNCHI_CODEC_FAILED;
  }
  *encoded = state.buffer;
  *encoded_count = state.used;
  return NUNCHI_CODEC_OK;
}

#else

static const char library[] = "libpng";

bool nunchi_codec_has_png(void) { return false; }

int nunchi_png_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  return absent(library, message, capacity);
}

int nunchi_png_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity) {
  return absent(library, message, capacity);
}

int nunchi_png_encode(
  const uint8_t *pixels, const nunchi_image_header *header, int level, uint8_t **encoded, size_t *encoded_count,
  char *message, size_t capacity) {
  return absent(library, message, capacity);
}

#endif
