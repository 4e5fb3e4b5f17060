#include "nunchi_codecs.h"

#include "absent.h"

#include <stdlib.h>
#include <string.h>

#if __has_include(<gif_lib.h>)
#include <gif_lib.h>

/// The longest string of LZW, 4,095 pixels, for each code of twelve bits.
enum { gif_pixels_per_byte = 2730 };

typedef struct {
  const uint8_t *bytes;
  size_t remaining;
} input;

/// The first frame and what is said of it before.
typedef struct {
  GifFileType *file;
  /// The index that shows the canvas, -1 where there is none.
  int transparent;
} reading;

static int read_bytes(GifFileType *file, GifByteType *target, int count) {
  input *source = file->UserData;
  size_t given = count < 0 ? 0 : (size_t)count < source->remaining ? (size_t)count : source->remaining;
  memcpy(target, source->bytes, given);
  source->bytes += given;
  source->remaining -= given;
  return (int)given;
}

bool nunchi_codec_has_gif(void) { return true; }

static int answer(int code, int error, const char *otherwise, char *message, size_t capacity) {
  const char *text = error == D_GIF_ERR_READ_FAILED || error == D_GIF_ERR_EOF_TOO_SOON ? "the file ends too early"
    : error == 0 ? NULL
                 : GifErrorString(error);
  snprintf(message, capacity, "%s", text ? text : otherwise);
  return code;
}

/// Blocks before the frame: only the graphics control is of interest.
static bool read_extension(reading *work) {
  GifByteType *block;
  int kind;
  if (DGifGetExtension(work->file, &kind, &block) != GIF_OK) return false;
  while (block) {
    GraphicsControlBlock control;
    if (kind == GRAPHICS_EXT_FUNC_CODE && DGifExtensionToGCB(block[0], block + 1, &control) == GIF_OK)
      work->transparent = control.TransparentColor;
    if (DGifGetExtensionNext(work->file, &block) != GIF_OK) return false;
  }
  return true;
}

/// Walks to the first frame and reads its description.
static bool find_frame(reading *work) {
  work->transparent = NO_TRANSPARENT_COLOR;
  for (;;) {
    GifRecordType record;
    if (DGifGetRecordType(work->file, &record) != GIF_OK) return false;
    if (record == IMAGE_DESC_RECORD_TYPE) return DGifGetImageDesc(work->file) == GIF_OK;
    if (record == TERMINATE_RECORD_TYPE) return false;
    if (record == EXTENSION_RECORD_TYPE && !read_extension(work)) return false;
  }
}

static int larger(int one, int other) { return one > other ? one : other; }

static nunchi_image_header canvas(const GifFileType *file) {
  const GifImageDesc *frame = &file->Image;
  return (nunchi_image_header){
    .width = larger(file->SWidth, frame->Left + frame->Width),
    .height = larger(file->SHeight, frame->Top + frame->Height),
    .channels = 3,
    .pixels_per_byte = gif_pixels_per_byte,
  };
}

int nunchi_gif_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  input source = {bytes, count};
  int error = 0;
  reading work = {.file = DGifOpen(&source, read_bytes, &error)};
  if (!work.file) return answer(NUNCHI_CODEC_FAILED, error, "not a GIF header", message, capacity);
  bool found = find_frame(&work);
  if (found) *header = canvas(work.file);
  int result = found ? NUNCHI_CODEC_OK
                     : answer(NUNCHI_CODEC_FAILED, work.file->Error, "no picture in it", message, capacity);
  DGifCloseFile(work.file, &error);
  return result;
}

/// Without a palette the indices are levels of gray; an index beyond the palette is black.
static void paint(const reading *work, const GifPixelType *indices, uint8_t *target, int count) {
  const ColorMapObject *map = work->file->Image.ColorMap ? work->file->Image.ColorMap : work->file->SColorMap;
  for (int x = 0; x < count; x++, target += 3) {
    int index = indices[x];
    if (index == work->transparent) continue;
    if (!map) {
      memset(target, index, 3);
    } else if (index < map->ColorCount) {
      target[0] = map->Colors[index].Red;
      target[1] = map->Colors[index].Green;
      target[2] = map->Colors[index].Blue;
    } else {
      memset(target, 0, 3);
    }
  }
}

static bool read_rows(reading *work, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows) {
  static const int firsts[] = {0, 4, 2, 1}, steps[] = {8, 8, 4, 2};
  GifImageDesc frame = work->file->Image;
  GifPixelType *indices = malloc((size_t)larger(frame.Width, 1));
  if (!indices) {
    work->file->Error = D_GIF_ERR_NOT_ENOUGH_MEM;
    return false;
  }
  bool complete = true;
  for (int pass = 0; complete && pass < (frame.Interlace ? 4 : 1); pass++) {
    int step = frame.Interlace ? steps[pass] : 1;
    for (int y = firsts[pass]; complete && y < frame.Height; y += step) {
      complete = DGifGetLine(work->file, indices, frame.Width) == GIF_OK;
      if (!complete) break;
      size_t place = (size_t)(frame.Top + y) * (size_t)header->width + (size_t)frame.Left;
      paint(work, indices, pixels + place * 3, frame.Width);
      if (!frame.Interlace || pass == 3) *readable_rows = frame.Top + y + 1;
    }
  }
  free(indices);
  return complete;
}

int nunchi_gif_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity) {
  *readable_rows = 0;
  input source = {bytes, count};
  int error = 0;
  reading work = {.file = DGifOpen(&source, read_bytes, &error)};
  if (!work.file) return answer(NUNCHI_CODEC_DAMAGED, error, "not a GIF header", message, capacity);
  bool complete = find_frame(&work);
  if (complete) {
    nunchi_image_header found = canvas(work.file);
    complete = found.width == header->width && found.height == header->height;
  }
  if (complete) {
    memset(pixels, 255, (size_t)header->width * (size_t)header->height * 3);
    complete = read_rows(&work, header, pixels, readable_rows);
  }
  int result = complete ? NUNCHI_CODEC_OK
                        : answer(NUNCHI_CODEC_DAMAGED, work.file->Error, "no picture in it", message, capacity);
  DGifCloseFile(work.file, &error);
  return result;
}

#else

static const char library[] = "giflib";

bool nunchi_codec_has_gif(void) { return false; }

int nunchi_gif_header(const uint8_t *bytes, size_t count, nunchi_image_header *header, char *message, size_t capacity) {
  return absent(library, message, capacity);
}

int nunchi_gif_decode(
  const uint8_t *bytes, size_t count, const nunchi_image_header *header, uint8_t *pixels, int32_t *readable_rows,
  char *message, size_t capacity) {
  return absent(library, message, capacity);
}

#endif
