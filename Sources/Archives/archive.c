// For locales of a thread.
#define _GNU_SOURCE

#include "nunchi_archives.h"

#include <stdio.h>
#include <stdlib.h>

#if __has_include(<archive.h>)
#include <archive.h>
#include <archive_entry.h>
#include <errno.h>
#include <locale.h>
#ifdef __APPLE__
#include <xlocale.h>
#endif

struct nunchi_archive {
  struct archive *reader;
  int64_t limit;
  /// Names in 7z archives and in extended headers of tar go through the thread's locale, which must know all characters.
  locale_t locale;
};

bool nunchi_archive_is_built_in(void) { return true; }

/// Switches a format or compression on where libarchive has it in itself. Where it would start a program it says so by
/// another answer, and has switched it on already: hence the trial.
static void enable(struct archive *reader, int (*support)(struct archive *)) {
  struct archive *trial = archive_read_new();
  if (trial && support(trial) == ARCHIVE_OK) support(reader);
  archive_read_free(trial);
}

static int give_up(int answer, const char *text, char *message, size_t capacity) {
  snprintf(message, capacity, "%s", text ? text : "damaged data");
  return answer;
}

/// What libarchive has in place of an error number where it recognises no format.
#ifdef EFTYPE
enum { unknown_format = EFTYPE };
#else
enum { unknown_format = EILSEQ };
#endif

static int failure(nunchi_archive *archive, char *message, size_t capacity) {
  bool is_foreign = archive_format(archive->reader) == 0 && archive_errno(archive->reader) == unknown_format;
  int answer = is_foreign ? NUNCHI_ARCHIVE_FOREIGN : NUNCHI_ARCHIVE_DAMAGED;
  return give_up(answer, archive_error_string(archive->reader), message, capacity);
}

int nunchi_archive_open(
  const uint8_t *bytes, size_t count, int64_t limit, nunchi_archive **archive, char *message, size_t capacity) {
  nunchi_archive *made = calloc(1, sizeof *made);
  *archive = NULL;
  if (made) made->reader = archive_read_new();
  if (!made || !made->reader) {
    free(made);
    return give_up(NUNCHI_ARCHIVE_DAMAGED, "out of memory", message, capacity);
  }
  made->limit = limit;
  made->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
  if (!made->locale) made->locale = newlocale(LC_CTYPE_MASK, "en_US.UTF-8", (locale_t)0);
  enable(made->reader, archive_read_support_format_tar);
  enable(made->reader, archive_read_support_format_7zip);
  enable(made->reader, archive_read_support_filter_gzip);
  enable(made->reader, archive_read_support_filter_bzip2);
  enable(made->reader, archive_read_support_filter_xz);
  enable(made->reader, archive_read_support_filter_lzma);
  enable(made->reader, archive_read_support_filter_zstd);
  enable(made->reader, archive_read_support_filter_lz4);
  if (archive_read_open_memory(made->reader, bytes, count) != ARCHIVE_OK) {
    int answer = failure(made, message, capacity);
    nunchi_archive_close(made);
    return answer;
  }
  // The bytes themselves count as one.
  if (archive_filter_count(made->reader) > 2) {
    nunchi_archive_close(made);
    return give_up(NUNCHI_ARCHIVE_NESTED, "compressions inside each other", message, capacity);
  }
  *archive = made;
  return NUNCHI_ARCHIVE_OK;
}

static int next(nunchi_archive *archive, nunchi_archive_member *member, char *message, size_t capacity) {
  struct archive_entry *entry;
  int answer = archive_read_next_header(archive->reader, &entry);
  if (answer == ARCHIVE_EOF) return NUNCHI_ARCHIVE_END;
  // A warning is about names of users, attributes, or a name in letters that nobody knows.
  if (answer != ARCHIVE_OK && answer != ARCHIVE_WARN) return failure(archive, message, capacity);
  if (archive_filter_bytes(archive->reader, 0) > archive->limit)
    return give_up(NUNCHI_ARCHIVE_TOO_LARGE, "more bytes than expected", message, capacity);
  member->name = archive_entry_pathname(entry);
  if (!member->name) member->name = archive_entry_pathname_utf8(entry);
  if (!member->name) return give_up(NUNCHI_ARCHIVE_DAMAGED, "a member without a name", message, capacity);
  member->size = archive_entry_size_is_set(entry) ? archive_entry_size(entry) : -1;
  member->is_encrypted = archive_entry_is_encrypted(entry) == 1;
  bool is_link = archive_entry_hardlink(entry) || archive_entry_symlink(entry);
  int type = archive_entry_filetype(entry);
  member->kind = is_link ? NUNCHI_MEMBER_OTHER
    : type == AE_IFREG   ? NUNCHI_MEMBER_FILE
    : type == AE_IFDIR   ? NUNCHI_MEMBER_FOLDER
                         : NUNCHI_MEMBER_OTHER;
  return NUNCHI_ARCHIVE_OK;
}

int nunchi_archive_next(nunchi_archive *archive, nunchi_archive_member *member, char *message, size_t capacity) {
  locale_t before = archive->locale ? uselocale(archive->locale) : (locale_t)0;
  int answer = next(archive, member, message, capacity);
  if (archive->locale) uselocale(before);
  return answer;
}

int nunchi_archive_read(nunchi_archive *archive, uint8_t *target, size_t size, char *message, size_t capacity) {
  size_t done = 0;
  uint8_t beyond;
  for (;;) {
    // The end is only known, and checksums are only compared, when more is asked for than there is.
    bool is_full = done == size;
    la_ssize_t got = archive_read_data(archive->reader, is_full ? &beyond : target + done, is_full ? 1 : size - done);
    if (got < 0) return failure(archive, message, capacity);
    if (got == 0 && is_full) return NUNCHI_ARCHIVE_OK;
    if (got == 0 || is_full)
      return give_up(NUNCHI_ARCHIVE_DAMAGED, "more or fewer bytes than the archive says", message, capacity);
    done += (size_t)got;
  }
}

void nunchi_archive_close(nunchi_archive *archive) {
  if (!archive) return;
  archive_read_free(archive->reader);
  if (archive->locale) freelocale(archive->locale);
  free(archive);
}

#else

static int absent(char *message, size_t capacity) {
  snprintf(message, capacity, "libarchive was absent when this program was built");
  return NUNCHI_ARCHIVE_ABSENT;
}

bool nunchi_archive_is_built_in(void) { return false; }

int nunchi_archive_open(
  const uint8_t *bytes, size_t count, int64_t limit, nunchi_archive **archive, char *message, size_t capacity) {
  *archive = NULL;
  return absent(message, capacity);
}

int nunchi_archive_next(nunchi_archive *archive, nunchi_archive_member *member, char *message, size_t capacity) {
  return absent(message, capacity);
}

int nunchi_archive_read(nunchi_archive *archive, uint8_t *target, size_t size, char *message, size_t capacity) {
  return absent(message, capacity);
}

void nunchi_archive_close(nunchi_archive *archive) {}

#endif
