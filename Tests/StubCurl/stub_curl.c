#include "stub_curl.h"

static _Thread_local int refused, transfers;

static int start(long flags) { return 0; }
static void *make(void) { return &refused; }
static void release(void *handle) {}
static const char *text(int code) { return "refused"; }
static int set(void *handle, int option, ...) { return option == refused ? 48 : 0; }

static int perform(void *handle) {
  transfers++;
  return 7;
}

const nunchi_curl *stub_curl(int option) {
  static const nunchi_curl functions = {start, make, release, perform, text, set};
  refused = option;
  transfers = 0;
  return &functions;
}

int stub_curl_transfers(void) { return transfers; }
