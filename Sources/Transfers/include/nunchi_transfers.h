/// HTTP and HTTPS through libcurl, which is opened when the first transfer needs it: a program that transfers nothing
/// does not pay for it, and runs where it is not installed.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  NUNCHI_TRANSFER_OK = 0,
  /// libcurl is not installed.
  NUNCHI_TRANSFER_NO_LIBRARY = 1,
  /// The address cannot be used.
  NUNCHI_TRANSFER_ADDRESS = 2,
  /// The server was not found or not reached, or the connection broke: another attempt may succeed.
  NUNCHI_TRANSFER_NETWORK = 3,
  /// A callback asked to stop.
  NUNCHI_TRANSFER_STOPPED = 4,
  /// The server answered, and not with the bytes that were asked for; `status` says with what.
  NUNCHI_TRANSFER_REFUSED = 5,
  /// libcurl does not take an option without which nothing is transferred; `message` is its name.
  NUNCHI_TRANSFER_OPTION = 6,
};

/// What is used of libcurl.
typedef struct {
  int (*global_init)(long flags);
  void *(*make)(void);
  void (*release)(void *handle);
  int (*perform)(void *handle);
  const char *(*text)(int code);
  int (*set)(void *handle, int option, ...);
} nunchi_curl;

typedef struct {
  const char *url;
  /// Bytes to leave out at the start. A server that cannot do that sends all of them, which `start` is told.
  int64_t from;
  /// Seconds to wait for a connection, and seconds without a byte after which it counts as broken.
  int32_t connect_seconds;
  int32_t stall_seconds;
  /// A library to open instead of the usual ones; NULL: the usual ones.
  const char *library;
  /// Functions to call instead of a library's; NULL: a library's.
  const nunchi_curl *curl;
  void *context;
  /// Before the first byte: where the bytes begin in the file (0 or `from`), and how long the file is, -1 if unknown.
  bool (*start)(void *context, int64_t offset, int64_t total);
  /// A piece of the file. `false` stops.
  bool (*write)(void *context, const uint8_t *bytes, size_t count);
  /// About once a second, also while nothing comes. `false` stops.
  bool (*alive)(void *context);
} nunchi_transfer_request;

typedef struct {
  int32_t outcome;
  /// The last HTTP status, 0 without one.
  int32_t status;
  char message[256];
} nunchi_transfer_result;

/// Transfers one file with GET, following redirects to other http and https addresses. Blocks; one at a time.
void nunchi_transfer(const nunchi_transfer_request *request, nunchi_transfer_result *result);
