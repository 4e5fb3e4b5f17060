/// Tar and 7z archives through libarchive, plain or compressed by gzip, bzip2, xz, lzma, zstd or lz4. Nothing else that
/// libarchive knows is switched on, and no other program is started.
///
/// What comes out is what the archive says: names, kinds and sizes are for the caller to check. `message` receives a
/// sentence of at most `capacity - 1` bytes when the answer is neither `NUNCHI_ARCHIVE_OK` nor `NUNCHI_ARCHIVE_END`. One
/// thread at a time.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
  NUNCHI_ARCHIVE_OK = 0,
  /// There are no more members.
  NUNCHI_ARCHIVE_END = 1,
  /// The archive breaks off or contradicts itself.
  NUNCHI_ARCHIVE_DAMAGED = 2,
  /// These bytes are no tar or 7z archive.
  NUNCHI_ARCHIVE_FOREIGN = 3,
  /// More than `limit` bytes come out.
  NUNCHI_ARCHIVE_TOO_LARGE = 4,
  /// libarchive was absent when the package was built.
  NUNCHI_ARCHIVE_ABSENT = 5,
  /// It is compressed more than once.
  NUNCHI_ARCHIVE_NESTED = 6,
};

enum {
  NUNCHI_MEMBER_FILE = 0,
  NUNCHI_MEMBER_FOLDER = 1,
  /// A link or a device.
  NUNCHI_MEMBER_OTHER = 2,
};

typedef struct {
  /// Bytes up to a 0, as the archive has them, or in UTF-8 where it has them in another known form. Until the next call.
  const char *name;
  /// Bytes of the content; -1 where the archive does not say it.
  int64_t size;
  int32_t kind;
  bool is_encrypted;
} nunchi_archive_member;

typedef struct nunchi_archive nunchi_archive;

bool nunchi_archive_is_built_in(void);

/// Begins to read an archive in memory, which stays there until it is closed. `limit`: of the bytes that are expanded,
/// headers included.
int nunchi_archive_open(
  const uint8_t *bytes, size_t count, int64_t limit, nunchi_archive **archive, char *message, size_t capacity);

/// Goes to the next member, over what is left of the one before.
int nunchi_archive_next(nunchi_archive *archive, nunchi_archive_member *member, char *message, size_t capacity);

/// The content of the member, which is as long as it says.
int nunchi_archive_read(nunchi_archive *archive, uint8_t *target, size_t size, char *message, size_t capacity);

void nunchi_archive_close(nunchi_archive *archive);
