/// The way out of a codec library's error, one for all of them.
#pragma once
#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

/// Where an error continues, and where its message goes.
typedef struct {
  jmp_buf escape;
  char *message;
  size_t capacity;
} failure;

static inline void describe(failure *state, const char *text) {
  snprintf(state->message, state->capacity, "%s", text);
}

/// Ends the `attempt` under way.
static inline _Noreturn void fail(failure *state, const char *text) {
  describe(state, text);
  longjmp(state->escape, 1);
}

/// Runs `body(work)`; whether it came to its end. Everything that `body` changes must live in `work`, outside its own
/// frame: then it is true after an error as well, and the caller can release it.
static inline bool attempt(failure *state, void (*body)(void *), void *work) {
  if (setjmp(state->escape)) return false;
  body(work);
  return true;
}
