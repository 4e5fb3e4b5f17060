#include "nunchi_codecs.h"

#include "absent.h"
#include "failure.h"

#include <stdlib.h>
#include <string.h>

#if __has_include(<jpeglib.h>)
#include <jpeglib.h>

#include <jerror.h>

enum {
  /// A progressive file may repeat scans without end, each a walk over the whole picture; real ones have about ten.
  most_scans = 500,
  /// A Huffman code of one bit for each block of 8 x 8 is the least that a picture takes.
  huffman_pixels_per_byte = 512,
  /// Arithmetic coding has no such limit. More than this is not believed.
  arithmetic_pixels_per_byte = 4096,
};

/// Pixels that all scans together may walk over.
static const double most_scanned_pixels = 4e9;

/// The library finds `manager` where it expects it: at the beginning.
typedef struct {
  struct jpeg_error_mgr manager;
  failure failure;
  /// The output row at the first damage, -1 before.
  int32_t damaged_row;
} errors;

static void describe_error(j_common_ptr codec, errors *state) {
  char text[JMSG_LENGTH_MAX];
  codec->err->format_message(codec, text);
  describe(&state->failure, text);
}

static _Noreturn void on_error(j_common_ptr codec) {
  errors *state = (errors *)codec->err;
  describe_error(codec, state);
  longjmp(state->failure.escape, 1);
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
  errors *state = (errors *)codec->err;
  if (level >= 0 || !codec->is_decompressor || state->damaged_row >= 0 || !is_damage(codec->err->msg_code)) return;
  j_decompress_ptr decoder = (j_decompress_ptr)codec;
  state->damaged_row = (int32_t)decoder->output_scanline;
  describe_error(codec, state);
}

static void on_progress(j_common_ptr codec) {
  j_decompress_ptr decoder = (j_decompress_ptr)codec;
  int scan = decoder->input_scan_number;
  double scanned = (double)decoder->image_width * decoder->image_height * scan;
  if (scan > most_scans || (scan > 1 && scanned > most_scanned_pixels))
    fail(&((errors *)codec->err)->failure, "more scans than any picture needs");
}

static struct jpeg_error_mgr *prepare(errors *state, char *message, size_t capacity) {
  struct jpeg_error_mgr *manager = jpeg_std_error(&state->manager);
  manager->error_exit = on_error;
  manager->emit_message = on_message;
  state->failure.message = message;
  state->failure.capacity = capacity;
  state->damaged_row = -1;
  return manager;
}

bool nunchi_codec_has_jpeg(void) { return true; }

typedef struct {
  struct jpeg_decompress_struct decoder;
  struct jpeg_progress_mgr progress;
  errors errors;
  const uint8_t *bytes;
  size_t count;
  nunchi_image_header header;
  int denominator;
  uint8_t *pixels;
  int32_t *readable_rows;
} reading;

static void open_reader(reading *work) {
  jpeg_create_decompress(&work->decoder);
  work->progress.progress_monitor = on_progress;
  work->decoder.progress = &work->progress;
  jpeg_mem_src(&work->decoder, work->bytes, (unsigned long)work->count);
  jpeg_read_header(&work->decoder, TRUE);
}

static void read_header(void *reader) {
  reading *work = reader;
  open_reader(work);
  work->header.width = (int32_t)work->decoder.image_width;
  work->header.height = (int32_t)work->decoder.image_height;
  work->header.channels = work->decoder.jpeg_color_space == JCS_GRAYSCALE ? 1 : 3;
  work->header.pixels_per_byte = work->decoder.arith_code ? arithmetic_pixels_per_byte : huffman_pixels_per_byte;
}

int nunchi_jpeg_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  reading work = {.bytes = bytes, .count = count};
  work.decoder.err = prepare(&work.errors, message, capacity);
  bool complete = attempt(&work.errors.failure, read_header, &work);
  jpeg_destroy_decompress(&work.decoder);
  *header = work.header;
  return complete ? NUNCHI_CODEC_OK : NUNCHI_CODEC_FAILED;
}

/// ⌊a·b/255 + ½⌋
static uint8_t product(unsigned a, unsigned b) {
  unsigned value = a * b + 128;
  return (uint8_t)((value + (value >> 8)) >> 8);
}

static void convert_cmyk(const uint8_t *inks, uint8_t *pixels, size_t width, bool inverted) {
  for (size_t x = 0; x < width; x++, inks += 4, pixels += 3) {
    unsigned light = inverted ? inks[3] : 255u - inks[3];
    for (int channel = 0; channel < 3; channel++) {
      unsigned ink = inverted ? 255u - inks[channel] : inks[channel];
      pixels[channel] = (uint8_t)(light - product(ink, light));
    }
  }
}

/// Stops at the first damage: the rows behind it are not asked for.
static void read_rows(reading *work) {
  j_decompress_ptr decoder = &work->decoder;
  size_t width = decoder->output_width, row_bytes = width * (size_t)work->header.channels;
  // The library's pool owns the row, so that an error releases it with the decoder.
  JSAMPARRAY inks = NULL;
  if (decoder->out_color_space == JCS_CMYK)
    inks = decoder->mem->alloc_sarray((j_common_ptr)decoder, JPOOL_IMAGE, (JDIMENSION)width * 4, 1);
  while (decoder->output_scanline < decoder->output_height && work->errors.damaged_row < 0) {
    uint8_t *row = work->pixels + decoder->output_scanline * row_bytes;
    if (inks) {
      jpeg_read_scanlines(decoder, inks, 1);
      convert_cmyk(inks[0], row, width, decoder->saw_Adobe_marker);
    } else {
      jpeg_read_scanlines(decoder, &row, 1);
    }
    if (work->errors.damaged_row < 0) *work->readable_rows = (int32_t)decoder->output_scanline;
  }
}

static void decode(void *reader) {
  reading *work = reader;
  open_reader(work);
  j_decompress_ptr decoder = &work->decoder;
  if ((int32_t)decoder->image_width != work->header.width || (int32_t)decoder->image_height != work->header.height)
    fail(&work->errors.failure, "the size changed between two readings");
  bool four_inks = decoder->jpeg_color_space == JCS_CMYK || decoder->jpeg_color_space == JCS_YCCK;
  decoder->out_color_space = four_inks ? JCS_CMYK : work->header.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  decoder->scale_num = 1;
  decoder->scale_denom = (unsigned)work->denominator;
  jpeg_start_decompress(decoder);
  unsigned denominator = (unsigned)work->denominator;
  if (decoder->output_width != (decoder->image_width + denominator - 1) / denominator
      || decoder->output_height != (decoder->image_height + denominator - 1) / denominator)
    fail(&work->errors.failure, "libjpeg chose another scale");
  read_rows(work);
}

int nunchi_jpeg_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, int denominator, uint8_t *pixels,
  int32_t *readable_rows, char *message, size_t capacity) {
  *readable_rows = 0;
  reading work = {
    .bytes = bytes,
    .count = count,
    .header = *header,
    .denominator = denominator,
    .pixels = pixels,
    .readable_rows = readable_rows,
  };
  work.decoder.err = prepare(&work.errors, message, capacity);
  bool complete = attempt(&work.errors.failure, decode, &work);
  jpeg_destroy_decompress(&work.decoder);
  return complete && work.errors.damaged_row < 0 ? NUNCHI_CODEC_OK : NUNCHI_CODEC_DAMAGED;
}

typedef struct {
  struct jpeg_compress_struct encoder;
  errors errors;
  const uint8_t *pixels;
  nunchi_image_header header;
  int quality;
  unsigned char *bytes;
  unsigned long count;
} writing;

static void encode(void *writer) {
  writing *work = writer;
  j_compress_ptr encoder = &work->encoder;
  jpeg_create_compress(encoder);
  jpeg_mem_dest(encoder, &work->bytes, &work->count);
  encoder->image_width = (JDIMENSION)work->header.width;
  encoder->image_height = (JDIMENSION)work->header.height;
  encoder->input_components = work->header.channels;
  encoder->in_color_space = work->header.channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(encoder);
  jpeg_set_quality(encoder, work->quality, TRUE);
  if (work->quality > 90) encoder->comp_info[0].h_samp_factor = encoder->comp_info[0].v_samp_factor = 1;
  jpeg_start_compress(encoder, TRUE);
  size_t row_bytes = (size_t)work->header.width * (size_t)work->header.channels;
  while (encoder->next_scanline < encoder->image_height) {
    JSAMPROW row = (JSAMPROW)(work->pixels + encoder->next_scanline * row_bytes);
    jpeg_write_scanlines(encoder, &row, 1);
  }
  jpeg_finish_compress(encoder);
}

int nunchi_jpeg_encode(
  const uint8_t *pixels, const nunchi_image_header *header, int quality, uint8_t **encoded, size_t *encoded_count,
  char *message, size_t capacity) {
  writing work = {.pixels = pixels, .header = *header, .quality = quality};
  work.encoder.err = prepare(&work.errors, message, capacity);
  bool complete = attempt(&work.errors.failure, encode, &work);
  jpeg_destroy_compress(&work.encoder);
  if (!complete) {
    free(work.bytes);
    return NUNCHI_CODEC_FAILED;
  }
  *encoded = work.bytes;
  *encoded_count = (size_t)work.count;
  return NUNCHI_CODEC_OK;
}

#else

static const char library[] = "libjpeg";

bool nunchi_codec_has_jpeg(void) { return false; }

int nunchi_jpeg_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  return absent(library, message, capacity);
}

int nunchi_jpeg_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, int denominator, uint8_t *pixels,
  int32_t *readable_rows, char *message, size_t capacity) {
  return absent(library, message, capacity);
}

int nunchi_jpeg_encode(
  const uint8_t *pixels, const nunchi_image_header *header, int quality, uint8_t **encoded, size_t *encoded_count,
  char *message, size_t capacity) {
  return absent(library, message, capacity);
}

#endif
