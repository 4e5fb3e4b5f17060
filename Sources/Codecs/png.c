#include "nunchi_codecs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if __has_include(<png.h>)
#include <png.h>

#include <setjmp.h>

/// One reading or writing, in the frame above the one that calls `setjmp`: what an error leaves behind is found here.
typedef struct {
  png_structp png;
  png_infop info;
  jmp_buf escape;
  char *message;
  size_t capacity;
  const uint8_t *input;
  size_t remaining;
  uint8_t *buffer;
  size_t used;
  size_t reserved;
} work;

static _Noreturn void on_error(png_structp png, png_const_charp text) {
  work *state = png_get_error_ptr(png);
  snprintf(state->message, state->capacity, "%s", text);
  longjmp(state->escape, 1);
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
  if (!state->png) {
    snprintf(state->message, state->capacity, "libpng could not be started");
    longjmp(state->escape, 1);
  }
  state->info = png_create_info_struct(state->png);
  if (!state->info) png_error(state->png, "out of memory");
  png_set_benign_errors(state->png, 1);
  png_set_user_limits(state->png, 0x7fffffff, 0x7fffffff);
#ifdef PNG_MAXIMUM_INFLATE_WINDOW
  // Some old writers declare a window smaller than they use.
  png_set_option(state->png, PNG_MAXIMUM_INFLATE_WINDOW, PNG_OPTION_ON);
#endif
  png_set_read_fn(state->png, state, read_bytes);
  png_read_info(state->png, state->info);
}

static int read_header(work *state, nunchi_image_header *header) {
  if (setjmp(state->escape)) return NUNCHI_CODEC_FAILED;
  open_reader(state);
  header->width = (int32_t)png_get_image_width(state->png, state->info);
  header->height = (int32_t)png_get_image_height(state->png, state->info);
  header->channels = png_get_color_type(state->png, state->info) & PNG_COLOR_MASK_COLOR ? 3 : 1;
  return NUNCHI_CODEC_OK;
}

int nunchi_png_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  work state = {.message = message, .capacity = capacity, .input = bytes, .remaining = count};
  int answer = read_header(&state, header);
  png_destroy_read_struct(&state.png, &state.info, NULL);
  return answer;
}

/// `colour·alpha + 255·(1 - alpha)`, rounded.
static void compose_over_white(const uint8_t *source, uint8_t *target, int32_t width, int channels) {
  for (int32_t x = 0; x < width; x++, source += channels + 1, target += channels) {
    unsigned alpha = source[channels];
    for (int channel = 0; channel < channels; channel++) {
      unsigned value = source[channel] * alpha + 255u * (255u - alpha) + 128;
      target[channel] = (uint8_t)((value + (value >> 8)) >> 8);
    }
  }
}

/// Rows go straight into `pixels`; only transparency needs memory of its own, a row or, interlaced, the whole image.
static void read_rows(work *state, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows) {
  png_structp png = state->png;
  png_set_expand(png);
  png_set_scale_16(png);
  int passes = png_set_interlace_handling(png);
  png_read_update_info(png, state->info);
  int channels = header->channels;
  int stored = png_get_channels(png, state->info);
  size_t width = (size_t)header->width, height = (size_t)header->height;
  if (png_get_image_width(png, state->info) != width || png_get_image_height(png, state->info) != height
      || (stored != channels && stored != channels + 1) || png_get_bit_depth(png, state->info) != 8)
    png_error(png, "the header changed between two readings");
  bool transparent = stored != channels;
  size_t stored_row = width * (size_t)stored, row_bytes = width * (size_t)channels;
  if (transparent) {
    state->buffer = calloc(passes > 1 ? height : 1, stored_row);
    if (!state->buffer) png_error(png, "out of memory");
  }
  for (int pass = 0; pass < passes; pass++) {
    bool last = pass == passes - 1;
    for (size_t y = 0; y < height; y++) {
      uint8_t *row = transparent ? state->buffer + (passes > 1 ? y * stored_row : 0) : pixels + y * row_bytes;
      png_read_row(png, row, NULL);
      if (transparent && last) compose_over_white(row, pixels + y * row_bytes, header->width, channels);
      if (last) *readable_rows = (int32_t)y + 1;
    }
  }
}

static int decode(work *state, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows) {
  if (setjmp(state->escape)) return NUNCHI_CODEC_DAMAGED;
  open_reader(state);
  read_rows(state, header, pixels, readable_rows);
  return NUNCHI_CODEC_OK;
}

int nunchi_png_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity) {
  work state = {.message = message, .capacity = capacity, .input = bytes, .remaining = count};
  *readable_rows = 0;
  int answer = decode(&state, header, pixels, readable_rows);
  png_destroy_read_struct(&state.png, &state.info, NULL);
  free(state.buffer);
  return answer;
}

static int encode(work *state, const uint8_t *pixels, const nunchi_image_header *header, int level) {
  if (setjmp(state->escape)) return NUNCHI_CODEC_FAILED;
  state->png = png_create_write_struct(PNG_LIBPNG_VER_STRING, state, on_error, on_warning);
  if (!state->png) {
    snprintf(state->message, state->capacity, "libpng could not be started");
    return NUNCHI_CODEC_FAILED;
  }
  state->info = png_create_info_struct(state->png);
  if (!state->info) png_error(state->png, "out of memory");
  png_set_write_fn(state->png, state, write_bytes, flush_nothing);
  png_set_compression_level(state->png, level);
  png_set_IHDR(
    state->png, state->info, (png_uint_32)header->width, (png_uint_32)header->height, 8,
    header->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
    PNG_FILTER_TYPE_DEFAULT);
  png_write_info(state->png, state->info);
  size_t row_bytes = (size_t)header->width * (size_t)header->channels;
  for (int32_t y = 0; y < header->height; y++) png_write_row(state->png, pixels + (size_t)y * row_bytes);
  png_write_end(state->png, state->info);
  return NUNCHI_CODEC_OK;
}

int nunchi_png_encode(
  const uint8_t *pixels, const nunchi_image_header *header, int level, uint8_t **encoded, size_t *encoded_count,
  char *message, size_t capacity) {
  work state = {.message = message, .capacity = capacity};
  int answer = encode(&state, pixels, header, level);
  png_destroy_write_struct(&state.png, &state.info);
  if (answer == NUNCHI_CODEC_OK) {
    *encoded = state.buffer;
    *encoded_count = state.used;
  } else {
    free(state.buffer);
  }
  return answer;
}

#else

bool nunchi_codec_has_png(void) { return false; }

static int absent(char *message, size_t capacity) {
  snprintf(message, capacity, "libpng was absent when this program was built");
  return NUNCHI_CODEC_ABSENT;
}

int nunchi_png_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  return absent(message, capacity);
}

int nunchi_png_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity) {
  return absent(message, capacity);
}

int nunchi_png_encode(
  const uint8_t *pixels, const nunchi_image_header *header, int level, uint8_t **encoded, size_t *encoded_count,
  char *message, size_t capacity) {
  return absent(message, capacity);
}

#endif
