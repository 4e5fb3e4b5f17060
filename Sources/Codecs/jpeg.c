#include "nunchi_codecs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void nunchi_codec_free(uint8_t *bytes) { free(bytes); }

#if __has_include(<jpeglib.h>)
#include <jpeglib.h>

#include <jerror.h>
#include <setjmp.h>

/// A progressive file may repeat scans without end; real ones have about ten.
enum { most_scans = 500 };

typedef struct {
  struct jpeg_error_mgr manager;
  jmp_buf escape;
  char *message;
  size_t capacity;
  /// The output row at the first damage, -1 before.
  int32_t damaged_row;
} failure;

static void write_message(j_common_ptr codec, failure *state) {
  char text[JMSG_LENGTH_MAX];
  codec->err->format_message(codec, text);
  snprintf(state->message, state->capacity, "%s", text);
}

static _Noreturn void on_error(j_common_ptr codec) {
  failure *state = (failure *)codec->err;
  write_message(codec, state);
  longjmp(state->escape, 1);
}

/// Warnings that mean wrong pixels; the others (stray bytes between markers, odd version numbers) leave them alone.
static bool is_damage(int code) {
  switch (code) {
  case JWRN_JPEG_EOF:
  case JWRN_HIT_MARKER:
  case JWRN_HUFF_BAD_CODE:
  case JWRN_MUST_RESYNC:
  case JWRN_ARITH_BAD_CODE: return true;
  default: return false;
  }
}

static void on_message(j_common_ptr codec, int level) {
  failure *state = (failure *)codec->err;
  if (level >= 0 || !codec->is_decompressor || state->damaged_row >= 0 || !is_damage(codec->err->msg_code)) return;
  j_decompress_ptr decoder = (j_decompress_ptr)codec;
  state->damaged_row = (int32_t)decoder->output_scanline;
  write_message(codec, state);
}

static void on_progress(j_common_ptr codec) {
  j_decompress_ptr decoder = (j_decompress_ptr)codec;
  if (codec->is_decompressor && decoder->input_scan_number > most_scans) {
    failure *state = (failure *)codec->err;
    snprintf(state->message, state->capacity, "more than %d scans", most_scans);
    longjmp(state->escape, 1);
  }
}

static struct jpeg_error_mgr *prepare(failure *state, char *message, size_t capacity) {
  struct jpeg_error_mgr *manager = jpeg_std_error(&state->manager);
  manager->error_exit = on_error;
  manager->emit_message = on_message;
  state->message = message;
  state->capacity = capacity;
  state->damaged_row = -1;
  return manager;
}

bool nunchi_codec_has_jpeg(void) { return true; }

int nunchi_jpeg_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  struct jpeg_decompress_struct decoder;
  failure state;
  memset(&decoder, 0, sizeof decoder);
  decoder.err = prepare(&state, message, capacity);
  if (setjmp(state.escape)) {
    jpeg_destroy_decompress(&decoder);
    return NUNCHI_CODEC_FAILED;
  }
  jpeg_create_decompress(&decoder);
  jpeg_mem_src(&decoder, bytes, (unsigned long)count);
  jpeg_read_header(&decoder, TRUE);
  header->width = (int32_t)decoder.image_width;
  header->height = (int32_t)decoder.image_height;
  header->channels = decoder.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
  jpeg_destroy_decompress(&decoder);
  return NUNCHI_CODEC_OK;
}

/// ⌊a·b/255 + ½⌋
static uint8_t product(unsigned a, unsigned b) {
  unsigned value = a * b + 128;
  return (uint8_t)((value + (value >> 8)) >> 8);
}

static void convert_cmyk(const uint8_t *inks, uint8_t *pixels, int32_t width, bool inverted) {
  for (int32_t x = 0; x < width; x++, inks += 4, pixels += 3) {
    unsigned light = inverted ? inks[3] : 255u - inks[3];
    for (int channel = 0; channel < 3; channel++) {
      unsigned ink = inverted ? 255u - inks[channel] : inks[channel];
      pixels[channel] = (uint8_t)(light - product(ink, light));
    }
  }
}

int nunchi_jpeg_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity) {
  struct jpeg_decompress_struct decoder;
  struct jpeg_progress_mgr progress = {.progress_monitor = on_progress};
  failure state;
  memset(&decoder, 0, sizeof decoder);
  *readable_rows = 0;
  decoder.err = prepare(&state, message, capacity);
  if (setjmp(state.escape)) {
    jpeg_destroy_decompress(&decoder);
    return NUNCHI_CODEC_DAMAGED;
  }
  jpeg_create_decompress(&decoder);
  decoder.progress = &progress;
  jpeg_mem_src(&decoder, bytes, (unsigned long)count);
  jpeg_read_header(&decoder, TRUE);
  bool four_inks = decoder.jpeg_color_space == JCS_CMYK || decoder.jpeg_color_space == JCS_YCCK;
  decoder.out_color_space = four_inks ? JCS_CMYK : header->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_start_decompress(&decoder);
  if ((int32_t)decoder.output_width != header->width || (int32_t)decoder.output_height != header->height) {
    snprintf(message, capacity, "the size changed between two readings");
    jpeg_destroy_decompress(&decoder);
    return NUNCHI_CODEC_FAILED;
  }
  size_t row_bytes = (size_t)header->width * (size_t)header->channels;
  // The library's pool owns the row, so an error releases it with the decoder.
  JSAMPARRAY inks = NULL;
  if (four_inks)
    inks = decoder.mem->alloc_sarray((j_common_ptr)&decoder, JPOOL_IMAGE, decoder.output_width * 4, 1);
  while (decoder.output_scanline < decoder.output_height) {
    uint8_t *row = pixels + decoder.output_scanline * row_bytes;
    if (four_inks) {
      jpeg_read_scanlines(&decoder, inks, 1);
      convert_cmyk(inks[0], row, header->width, decoder.saw_Adobe_marker);
    } else {
      jpeg_read_scanlines(&decoder, &row, 1);
    }
    *readable_rows = state.damaged_row >= 0 ? state.damaged_row : (int32_t)decoder.output_scanline;
  }
  jpeg_destroy_decompress(&decoder);
  return state.damaged_row >= 0 ? NUNCHI_CODEC_DAMAGED : NUNCHI_CODEC_OK;
}

typedef struct {
  unsigned char *bytes;
  unsigned long count;
} encoding;

/// `result` belongs to the caller's frame: what the library stored there is still true after `longjmp`.
static int encode(
  const uint8_t *pixels, const nunchi_image_header *header, int quality, encoding *result, char *message,
  size_t capacity) {
  struct jpeg_compress_struct encoder;
  failure state;
  memset(&encoder, 0, sizeof encoder);
  encoder.err = prepare(&state, message, capacity);
  if (setjmp(state.escape)) {
    jpeg_destroy_compress(&encoder);
    return NUNCHI_CODEC_FAILED;
  }
  jpeg_create_compress(&encoder);
  jpeg_mem_dest(&encoder, &result->bytes, &result->count);
  encoder.image_width = (JDIMENSION)header->width;
  encoder.image_height = (JDIMENSION)header->height;
  encoder.input_components = header->channels;
  encoder.in_color_space = header->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&encoder);
  jpeg_set_quality(&encoder, quality, TRUE);
  if (quality > 90) encoder.comp_info[0].h_samp_factor = encoder.comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(&encoder, TRUE);
  size_t row_bytes = (size_t)header->width * (size_t)header->channels;
  while (encoder.next_scanline < encoder.image_height) {
    JSAMPROW row = (JSAMPROW)(pixels + encoder.next_scanline * row_bytes);
    jpeg_write_scanlines(&encoder, &row, 1);
  }
  jpeg_finish_compress(&encoder);
  jpeg_destroy_compress(&encoder);
  return NUNCHI_CODEC_OK;
}

int nunchi_jpeg_encode(
  const uint8_t *pixels, const nunchi_image_header *header, int quality, uint8_t **encoded, size_t *encoded_count,
  char *message, size_t capacity) {
  encoding result = {0};
  int answer = encode(pixels, header, quality, &result, message, capacity);
  if (answer == NUNCHI_CODEC_OK) {
    *encoded = result.bytes;
    *encoded_count = (size_t)result.count;
  } else {
    free(result.bytes);
  }
  return answer;
}

#else

bool nunchi_codec_has_jpeg(void) { return false; }

static int absent(char *message, size_t capacity) {
  snprintf(message, capacity, "libjpeg was absent when this program was built");
  return NUNCHI_CODEC_ABSENT;
}

int nunchi_jpeg_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  return absent(message, capacity);
}

int nunchi_jpeg_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity) {
  return absent(message, capacity);
}

int nunchi_jpeg_encode(
  const uint8_t *pixels, const nunchi_image_header *header, int quality, uint8_t **encoded, size_t *encoded_count,
  char *message, size_t capacity) {
  return absent(message, capacity);
}

#endif
