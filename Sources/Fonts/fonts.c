#include "nunchi_fonts.h"

#if __has_include(<ft2build.h>) && __has_include(<fontconfig/fontconfig.h>)
#include <fontconfig/fontconfig.h>
#include <ft2build.h>
#include FT_FREETYPE_H
#include FT_OUTLINE_H
#include FT_TRUETYPE_TABLES_H

#include <math.h>
#include <stdlib.h>

/// The fonts of one weight. Files are opened when a character of theirs is first wanted.
typedef struct {
  FcPattern *wanted;
  FcFontSet *fonts;
  FT_Face *faces;
  bool *lighter;
  bool *unusable;
} chain;

struct nunchi_fonts {
  FcConfig *configuration;
  FT_Library library;
  chain chains[2];
};

bool nunchi_fonts_built_in(void) { return true; }

/// The configuration of a file, NULL for the machine's.
static FcConfig *configured(const char *path) {
  FcConfig *configuration = FcConfigCreate();
  if (!configuration) return NULL;
  // FcInitLoadConfigAndFonts would complain on standard error where there is no configuration.
  if (FcConfigParseAndLoad(configuration, (const FcChar8 *)path, FcFalse) && FcConfigBuildFonts(configuration))
    return configuration;
  FcConfigDestroy(configuration);
  return NULL;
}

static bool fill(chain *chain, FcConfig *configuration, bool bold) {
  chain->wanted = FcPatternBuild(
    NULL, FC_FAMILY, FcTypeString, "sans-serif", FC_WEIGHT, FcTypeInteger, bold ? FC_WEIGHT_BOLD : FC_WEIGHT_REGULAR,
    FC_SCALABLE, FcTypeBool, FcTrue, (char *)NULL);
  if (!chain->wanted || !FcConfigSubstitute(configuration, chain->wanted, FcMatchPattern)) return false;
  FcDefaultSubstitute(chain->wanted);
  FcResult result;
  chain->fonts = FcFontSort(configuration, chain->wanted, FcTrue, NULL, &result);
  if (!chain->fonts || chain->fonts->nfont == 0) return false;
  size_t count = (size_t)chain->fonts->nfont;
  chain->faces = calloc(count, sizeof *chain->faces);
  chain->lighter = calloc(count, sizeof *chain->lighter);
  chain->unusable = calloc(count, sizeof *chain->unusable);
  return chain->faces && chain->lighter && chain->unusable;
}

static void empty(chain *chain) {
  for (int index = 0; chain->faces && index < chain->fonts->nfont; index++) {
    if (chain->faces[index]) FT_Done_Face(chain->faces[index]);
  }
  free(chain->faces);
  free(chain->lighter);
  free(chain->unusable);
  if (chain->fonts) FcFontSetDestroy(chain->fonts);
  if (chain->wanted) FcPatternDestroy(chain->wanted);
}

nunchi_fonts *nunchi_fonts_open(const char *configuration) {
  nunchi_fonts *fonts = calloc(1, sizeof *fonts);
  if (!fonts) return NULL;
  if (FT_Init_FreeType(&fonts->library)) {
    free(fonts);
    return NULL;
  }
  fonts->configuration = configured(configuration);
  if (fonts->configuration && fill(&fonts->chains[0], fonts->configuration, false)
      && fill(&fonts->chains[1], fonts->configuration, true))
    return fonts;
  nunchi_fonts_close(fonts);
  return NULL;
}

void nunchi_fonts_close(nunchi_fonts *fonts) {
  empty(&fonts->chains[0]);
  empty(&fonts->chains[1]);
  FT_Done_FreeType(fonts->library);
  if (fonts->configuration) FcConfigDestroy(fonts->configuration);
  free(fonts);
}

/// The face of a font, opened once; NULL where the file cannot be used.
static FT_Face opened(nunchi_fonts *fonts, chain *chain, int index) {
  if (chain->faces[index] || chain->unusable[index]) return chain->faces[index];
  FcPattern *font = FcFontRenderPrepare(fonts->configuration, chain->wanted, chain->fonts->fonts[index]);
  FcChar8 *file = NULL;
  int number = 0, weight = FC_WEIGHT_REGULAR;
  FcBool isColoured = FcFalse;
  if (font && FcPatternGetString(font, FC_FILE, 0, &file) == FcResultMatch) {
    FcPatternGetInteger(font, FC_INDEX, 0, &number);
    FcPatternGetInteger(font, FC_WEIGHT, 0, &weight);
    FcPatternGetBool(font, FC_COLOR, 0, &isColoured);
    FT_Face face = NULL;
    if (!isColoured && !FT_New_Face(fonts->library, (const char *)file, number, &face)) {
      if (FT_IS_SCALABLE(face) && face->units_per_EM > 0 && !FT_Select_Charmap(face, FT_ENCODING_UNICODE))
        chain->faces[index] = face;
      else
        FT_Done_Face(face);
    }
  }
  chain->lighter[index] = weight < FC_WEIGHT_DEMIBOLD;
  chain->unusable[index] = !chain->faces[index];
  if (font) FcPatternDestroy(font);
  return chain->faces[index];
}

static bool has_all(const FcCharSet *set, const uint32_t *scalars, size_t count) {
  for (size_t index = 0; index < count; index++) {
    if (!FcCharSetHasChar(set, scalars[index])) return false;
  }
  return true;
}

int32_t nunchi_fonts_find(nunchi_fonts *fonts, bool bold, const uint32_t *scalars, size_t count) {
  if (count == 0) return -1;
  chain *chain = &fonts->chains[bold];
  int32_t first = -1;
  for (int index = 0; index < chain->fonts->nfont; index++) {
    FcCharSet *set;
    if (FcPatternGetCharSet(chain->fonts->fonts[index], FC_CHARSET, 0, &set) != FcResultMatch) continue;
    if (!FcCharSetHasChar(set, scalars[0]) || !opened(fonts, chain, index)) continue;
    if (has_all(set, scalars + 1, count - 1)) return index;
    if (first < 0) first = index;
  }
  return first;
}

/// Pixels of an em where capitals are `height` high.
static float em(FT_Face face, float height) {
  const TT_OS2 *table = FT_Get_Sfnt_Table(face, FT_SFNT_OS2);
  float capitals = 0;
  if (table && table->version != 0xFFFF && table->version >= 2)
    capitals = (float)table->sCapHeight / (float)face->units_per_EM;
  // Not a font that calls itself almost empty or taller than its em.
  return height / (capitals >= 0.5f && capitals <= 1.0f ? capitals : 0.72f);
}

bool nunchi_fonts_glyph(
  nunchi_fonts *fonts, bool bold, int32_t font, uint32_t scalar, float height, float x, float y, bool drawn,
  nunchi_glyph *glyph) {
  /// Larger letters are nobody's, and their bitmaps large.
  enum { largest = 4096 };
  *glyph = (nunchi_glyph){0};
  chain *chain = &fonts->chains[bold];
  FT_Face face = opened(fonts, chain, font);
  if (!face || !(height > 0 && height < largest)) return false;
  float size = em(face, height);
  if (FT_Set_Char_Size(face, 0, lroundf(size * 64), 72, 72)) return false;
  FT_UInt index = FT_Get_Char_Index(face, scalar);
  if (index == 0 || FT_Load_Glyph(face, index, FT_LOAD_NO_HINTING | FT_LOAD_NO_BITMAP)) return false;
  FT_GlyphSlot slot = face->glyph;
  if (slot->format != FT_GLYPH_FORMAT_OUTLINE) return false;
  float stroke = bold && chain->lighter[font] ? size / 24 : 0;
  glyph->advance = (float)slot->linearHoriAdvance / 65536;
  if (glyph->advance > 0) glyph->advance += stroke;
  if (!drawn) return true;

  if (stroke > 0) FT_Outline_Embolden(&slot->outline, lroundf(stroke * 64));
  FT_Outline_Translate(&slot->outline, lroundf(x * 64), -lroundf(y * 64));
  FT_BBox box;
  FT_Outline_Get_CBox(&slot->outline, &box);
  if (box.xMax - box.xMin > largest * 64 || box.yMax - box.yMin > largest * 64) return false;
  if (FT_Render_Glyph(slot, FT_RENDER_MODE_NORMAL) || slot->bitmap.pixel_mode != FT_PIXEL_MODE_GRAY
      || slot->bitmap.pitch < 0)
    return false;
  glyph->left = slot->bitmap_left;
  glyph->top = -slot->bitmap_top;
  glyph->width = (int32_t)slot->bitmap.width;
  glyph->height = (int32_t)slot->bitmap.rows;
  glyph->stride = slot->bitmap.pitch;
  glyph->shares = slot->bitmap.buffer;
  return true;
}

#else

bool nunchi_fonts_built_in(void) { return false; }

nunchi_fonts *nunchi_fonts_open(const char *configuration) {
  (void)configuration;
  return NULL;
}

void nunchi_fonts_close(nunchi_fonts *fonts) { (void)fonts; }

int32_t nunchi_fonts_find(nunchi_fonts *fonts, bool bold, const uint32_t *scalars, size_t count) {
  (void)fonts, (void)bold, (void)scalars, (void)count;
  return -1;
}

bool nunchi_fonts_glyph(
  nunchi_fonts *fonts, bool bold, int32_t font, uint32_t scalar, float height, float x, float y, bool drawn,
  nunchi_glyph *glyph) {
  (void)fonts, (void)bold, (void)font, (void)scalar, (void)height, (void)x, (void)y, (void)drawn;
  *glyph = (nunchi_glyph){0};
  return false;
}

#endif
