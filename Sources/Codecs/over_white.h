/// Transparency.
#pragma once
#include <stdint.h>

/// `pixels` pixels of `channels` colours and an alpha to the colours over white: `colour·alpha + 255·(1 - alpha)`, rounded.
static inline void compose_over_white(const uint8_t *source, uint8_t *target, int32_t pixels, int channels) {
  for (int32_t x = 0; x < pixels; x++, source += channels + 1, target += channels) {
    unsigned alpha = source[channels];
    for (int channel = 0; channel < channels; channel++) {
      unsigned value = source[channel] * alpha + 255u * (255u - alpha) + 128;
      target[channel] = (uint8_t)((value + (value >> 8)) >> 8);
    }
  }
}
