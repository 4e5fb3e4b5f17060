/// Letters of any script: fontconfig says which font of this machine has a character, FreeType draws it.
///
/// A chain of fonts is used by one thread at a time. Measures are in pixels, x to the right and y down.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct nunchi_fonts nunchi_fonts;

/// Whether FreeType and fontconfig were there when the package was built.
bool nunchi_fonts_built_in(void);

/// The fonts with outlines that fontconfig prefers for plain text, in its order: those of the machine, or those that the
/// configuration file at `configuration` names. NULL where there are none.
nunchi_fonts *nunchi_fonts_open(const char *configuration);

void nunchi_fonts_close(nunchi_fonts *fonts);

/// The number of the first font that has all of `scalars`; else of the first that has the first of them; else -1. The
/// bold fonts are a chain of their own.
int32_t nunchi_fonts_find(nunchi_fonts *fonts, bool bold, const uint32_t *scalars, size_t count);

/// A glyph as shares of pixels covered, 0...255: `height` rows of `width` bytes, each row `stride` after the one before.
typedef struct {
  /// To the next glyph.
  float advance;
  /// Where the first row's first pixel lies, from the pixel that holds the origin.
  int32_t left, top;
  int32_t width, height, stride;
  /// Belongs to the chain until its next call.
  const uint8_t *shares;
} nunchi_glyph;

/// A character in font number `font` with capitals `height` pixels high, its origin `x` and `y` (0..<1) into a pixel. Without
/// `drawn` only its advance. `false` where the font has no outline for it.
bool nunchi_fonts_glyph(
  nunchi_fonts *fonts, bool bold, int32_t font, uint32_t scalar, float height, float x, float y, bool drawn,
  nunchi_glyph *glyph);
