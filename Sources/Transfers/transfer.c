#include "nunchi_transfers.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

// Names and numbers of curl/curl.h, which never change once they are given.
enum {
  OPTION_WRITEDATA = 10001,
  OPTION_URL = 10002,
  OPTION_RANGE = 10007,
  OPTION_ERRORBUFFER = 10010,
  OPTION_USERAGENT = 10018,
  OPTION_HEADERDATA = 10029,
  OPTION_XFERINFODATA = 10057,
  OPTION_WRITEFUNCTION = 20011,
  OPTION_HEADERFUNCTION = 20079,
  OPTION_XFERINFOFUNCTION = 20219,
  OPTION_LOW_SPEED_LIMIT = 19,
  OPTION_LOW_SPEED_TIME = 20,
  OPTION_NOPROGRESS = 43,
  OPTION_FOLLOWLOCATION = 52,
  OPTION_MAXREDIRS = 68,
  OPTION_CONNECTTIMEOUT = 78,
  OPTION_NOSIGNAL = 99,
  OPTION_PROTOCOLS = 181,
  OPTION_REDIR_PROTOCOLS = 182,
  PROTOCOL_HTTP = 1,
  PROTOCOL_HTTPS = 2,
  GLOBAL_DEFAULT = 3,
  CODE_UNSUPPORTED_PROTOCOL = 1,
  CODE_BAD_URL = 3,
  RANGE_BYTES = 32,
};

typedef struct {
  const nunchi_transfer_request *request;
  int32_t status;
  int64_t length;
  /// What a partial answer says of itself; -1 where it does not.
  int64_t range_start, range_total;
  bool started, stopped, refused;
} transfer_state;

static bool load(const char *wanted, nunchi_curl *curl) {
  static const char *const names[] = {
    "libcurl.so.4", "libcurl-gnutls.so.4", "libcurl-nss.so.4", "libcurl.4.dylib", "/usr/lib/libcurl.4.dylib"};
  void *library = NULL;
  if (wanted) library = dlopen(wanted, RTLD_NOW | RTLD_LOCAL);
  for (size_t index = 0; !wanted && !library && index < sizeof names / sizeof *names; index++)
    library = dlopen(names[index], RTLD_NOW | RTLD_LOCAL);
  if (!library) return false;
  *(void **)&curl->global_init = dlsym(library, "curl_global_init");
  *(void **)&curl->make = dlsym(library, "curl_easy_init");
  *(void **)&curl->release = dlsym(library, "curl_easy_cleanup");
  *(void **)&curl->perform = dlsym(library, "curl_easy_perform");
  *(void **)&curl->text = dlsym(library, "curl_easy_strerror");
  *(void **)&curl->set = dlsym(library, "curl_easy_setopt");
  return curl->global_init && curl->make && curl->release && curl->perform && curl->text && curl->set;
}

/// Called for each header line of each answer, those of redirects included.
static size_t take_header(char *line, size_t size, size_t count, void *context) {
  transfer_state *state = context;
  char text[256];
  size_t bytes = size * count, kept = bytes < sizeof text - 1 ? bytes : sizeof text - 1;
  long long start, total;
  memcpy(text, line, kept);
  text[kept] = 0;
  if (strncmp(text, "HTTP/", 5) == 0) {
    const char *space = strchr(text, ' ');
    state->status = space ? atoi(space) : 0;
    state->length = state->range_start = state->range_total = -1;
  } else if (strncasecmp(text, "content-length:", 15) == 0) {
    state->length = strtoll(text + 15, NULL, 10);
  } else if (strncasecmp(text, "content-range:", 14) == 0) {
    int found = sscanf(text + 14, " bytes %lld-%*d/%lld", &start, &total);
    if (found >= 1) state->range_start = start;
    if (found >= 2) state->range_total = total;
  }
  return bytes;
}

/// Tells the caller where the file begins, once and before its first byte.
static bool begin(transfer_state *state) {
  const nunchi_transfer_request *request = state->request;
  int64_t offset = 0, total = state->length;
  if (state->started) return true;
  state->started = true;
  if (state->status == 206) {
    offset = state->range_start;
    total = state->range_total;
    if (offset != request->from) state->refused = true;
  } else if (state->status != 200) {
    state->refused = true;
  }
  if (!state->refused && !request->start(request->context, offset, total)) state->stopped = true;
  return !state->refused && !state->stopped;
}

static size_t take_bytes(char *bytes, size_t size, size_t count, void *context) {
  transfer_state *state = context;
  if (!begin(state)) return 0;
  if (!state->request->write(state->request->context, (const uint8_t *)bytes, size * count)) {
    state->stopped = true;
    return 0;
  }
  return size * count;
}

static int ask(void *context, int64_t total, int64_t received, int64_t to_send, int64_t sent) {
  transfer_state *state = context;
  (void)total, (void)received, (void)to_send, (void)sent;
  if (!state->request->alive(state->request->context)) state->stopped = true;
  return state->stopped;
}

/// Sets every option; the name of the first one that libcurl refuses, NULL where it takes them all. Those of the user
/// agent, the text of errors and signals are for comfort: a transfer does without them.
static const char *refused_option(const nunchi_curl *curl, void *handle, transfer_state *state, char *text, char *range) {
  const nunchi_transfer_request *request = state->request;
  curl->set(handle, OPTION_USERAGENT, "nunchi");
  curl->set(handle, OPTION_ERRORBUFFER, text);
  curl->set(handle, OPTION_NOSIGNAL, 1L);
#define SET(option, value) \
  if (curl->set(handle, OPTION_##option, value) != 0) return "CURLOPT_" #option
  SET(URL, request->url);
  SET(PROTOCOLS, (long)(PROTOCOL_HTTP | PROTOCOL_HTTPS));
  SET(REDIR_PROTOCOLS, (long)(PROTOCOL_HTTP | PROTOCOL_HTTPS));
  SET(FOLLOWLOCATION, 1L);
  SET(MAXREDIRS, 10L);
  SET(WRITEFUNCTION, take_bytes);
  SET(WRITEDATA, (void *)state);
  SET(HEADERFUNCTION, take_header);
  SET(HEADERDATA, (void *)state);
  SET(XFERINFOFUNCTION, ask);
  SET(XFERINFODATA, (void *)state);
  SET(NOPROGRESS, 0L);
  SET(CONNECTTIMEOUT, (long)request->connect_seconds);
  SET(LOW_SPEED_LIMIT, 1L);
  SET(LOW_SPEED_TIME, (long)request->stall_seconds);
  if (request->from > 0) {
    snprintf(range, RANGE_BYTES, "%lld-", (long long)request->from);
    SET(RANGE, range);
  }
#undef SET
  return NULL;
}

void nunchi_transfer(const nunchi_transfer_request *request, nunchi_transfer_result *result) {
  nunchi_curl curl;
  transfer_state state = {.request = request, .length = -1, .range_start = -1, .range_total = -1};
  char text[256] = "", range[RANGE_BYTES];
  void *handle = NULL;
  *result = (nunchi_transfer_result){.outcome = NUNCHI_TRANSFER_NO_LIBRARY};
  if (request->curl) curl = *request->curl;
  else if (!load(request->library, &curl)) return;
  if (curl.global_init(GLOBAL_DEFAULT) == 0) handle = curl.make();
  if (!handle) {
    snprintf(result->message, sizeof result->message, "libcurl could not be started");
    result->outcome = NUNCHI_TRANSFER_NETWORK;
    return;
  }
  const char *refused = refused_option(&curl, handle, &state, text, range);
  if (refused) {
    snprintf(result->message, sizeof result->message, "%s", refused);
    result->outcome = NUNCHI_TRANSFER_OPTION;
    curl.release(handle);
    return;
  }
  int code = curl.perform(handle);
  // A file without bytes never came to `take_bytes`, nor did an answer that has none.
  if (code == 0) begin(&state);
  result->status = state.status;
  snprintf(result->message, sizeof result->message, "%s", text[0] ? text : code ? curl.text(code) : "");
  if (state.stopped) result->outcome = NUNCHI_TRANSFER_STOPPED;
  else if (state.refused) result->outcome = NUNCHI_TRANSFER_REFUSED;
  else if (code == 0) result->outcome = NUNCHI_TRANSFER_OK;
  else if (code == CODE_UNSUPPORTED_PROTOCOL || code == CODE_BAD_URL) result->outcome = NUNCHI_TRANSFER_ADDRESS;
  else result->outcome = NUNCHI_TRANSFER_NETWORK;
  curl.release(handle);
}
