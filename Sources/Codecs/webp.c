#include "nunchi_codecs.h"

#include "absent.h"
#include "over_white.h"

#include <stdlib.h>
#include <string.h>

#if __has_include(<webp/decode.h>) && __has_include(<webp/demux.h>)
#include <webp/decode.h>
#include <webp/demux.h>

/// A lossless picture of one colour takes no bits for its pixels, so there is no true limit. More is not believed.
enum { webp_pixels_per_byte = 4096 };

bool nunchi_codec_has_webp(void) { return true; }

static int answer(int code, const char *text, char *message, size_t capacity) {
  snprintf(message, capacity, "%s", text);
  return code;
}

static const char *reason(VP8StatusCode status) {
  switch (status) {
  case VP8_STATUS_OUT_OF_MEMORY: return "out of memory";
  case VP8_STATUS_UNSUPPORTED_FEATURE: return "a feature that libwebp does not know";
  case VP8_STATUS_SUSPENDED:
  case VP8_STATUS_NOT_ENOUGH_DATA: return "the file ends too early";
  case VP8_STATUS_OK:
  case VP8_STATUS_INVALID_PARAM:
  case VP8_STATUS_BITSTREAM_ERROR:
  case VP8_STATUS_USER_ABORT: return "not a WebP stream";
  }
  return "not a WebP stream";
}

int nunchi_webp_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  WebPBitstreamFeatures features;
  VP8StatusCode status = WebPGetFeatures(bytes, count, &features);
  if (status != VP8_STATUS_OK) return answer(NUNCHI_CODEC_FAILED, reason(status), message, capacity);
  *header = (nunchi_image_header){features.width, features.height, 3, webp_pixels_per_byte};
  return NUNCHI_CODEC_OK;
}

/// Decodes `stream` to `pixels`, `samples` of them a pixel. `rows`: how many were there.
static VP8StatusCode decode_stream(
  const WebPData *stream, int width, int height, int samples, uint8_t *pixels, int *rows) {
  WebPDecoderConfig config;
  *rows = 0;
  if (!WebPInitDecoderConfig(&config)) return VP8_STATUS_INVALID_PARAM;
  config.output.colorspace = samples == 4 ? MODE_RGBA : MODE_RGB;
  config.output.is_external_memory = 1;
  config.output.u.RGBA.rgba = pixels;
  config.output.u.RGBA.stride = width * samples;
  config.output.u.RGBA.size = (size_t)width * (size_t)height * (size_t)samples;
  VP8StatusCode status = WebPGetFeatures(stream->bytes, stream->size, &config.input);
  if (status != VP8_STATUS_OK) return status;
  if (config.input.width != width || config.input.height != height) return VP8_STATUS_BITSTREAM_ERROR;
  WebPIDecoder *decoder = WebPIDecode(NULL, 0, &config);
  if (!decoder) return VP8_STATUS_OUT_OF_MEMORY;
  status = WebPIUpdate(decoder, stream->bytes, stream->size);
  WebPIDecGetRGB(decoder, rows, NULL, NULL, NULL);
  WebPIDelete(decoder);
  return status;
}

/// The first frame, on its white canvas.
static int decode_frame(
  const WebPIterator *frame, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows, char *message,
  size_t capacity) {
  int left = frame->x_offset, top = frame->y_offset, width = frame->width, height = frame->height;
  if (left < 0 || top < 0 || width <= 0 || height <= 0 || left > header->width - width || top > header->height - height)
    return answer(NUNCHI_CODEC_DAMAGED, "a frame outside its canvas", message, capacity);
  bool whole = width == header->width && height == header->height;
  int rows = 0;
  VP8StatusCode status;
  if (whole && !frame->has_alpha) {
    status = decode_stream(&frame->fragment, width, height, 3, pixels, &rows);
  } else {
    uint8_t *buffer = calloc((size_t)width * (size_t)height, 4);
    if (!buffer) return answer(NUNCHI_CODEC_DAMAGED, "out of memory", message, capacity);
    if (!whole) memset(pixels, 255, (size_t)header->width * (size_t)header->height * 3);
    status = decode_stream(&frame->fragment, width, height, 4, buffer, &rows);
    for (int y = 0; y < rows; y++) {
      uint8_t *target = pixels + ((size_t)(top + y) * (size_t)header->width + (size_t)left) * 3;
      compose_over_white(buffer + (size_t)y * (size_t)width * 4, target, width, 3);
    }
    free(buffer);
  }
  if (status == VP8_STATUS_OK) {
    *readable_rows = header->height;
    return NUNCHI_CODEC_OK;
  }
  *readable_rows = rows == 0 ? 0 : top + rows;
  return answer(NUNCHI_CODEC_DAMAGED, reason(status), message, capacity);
}

int nunchi_webp_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity) {
  *readable_rows = 0;
  WebPData file = {.bytes = bytes, .size = count};
  WebPDemuxState state;
  WebPDemuxer *demuxer = WebPDemuxPartial(&file, &state);
  if (!demuxer) return answer(NUNCHI_CODEC_DAMAGED, "not a WebP container", message, capacity);
  WebPIterator frame;
  int result;
  if ((int32_t)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_WIDTH) != header->width
      || (int32_t)WebPDemuxGetI(demuxer, WEBP_FF_CANVAS_HEIGHT) != header->height) {
    result = answer(NUNCHI_CODEC_DAMAGED, "the size changed between two readings", message, capacity);
  } else if (!WebPDemuxGetFrame(demuxer, 1, &frame)) {
    const char *text = state == WEBP_DEMUX_DONE ? "no picture in it" : "the file ends too early";
    result = answer(NUNCHI_CODEC_DAMAGED, text, message, capacity);
  } else {
    result = decode_frame(&frame, header, pixels, readable_rows, message, capacity);
    WebPDemuxReleaseIterator(&frame);
  }
  WebPDemuxDelete(demuxer);
  return result;
}

#else

static const char library[] = "libwebp";

bool nunchi_codec_has_webp(void) { return false; }

int nunchi_webp_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  return absent(library, message, capacity);
}

int nunchi_webp_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity) {
  return absent(library, message, capacity);
}

#endif
