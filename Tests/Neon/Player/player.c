/* Repeats recorded calls of kernels (kernel_calls.h) and compares what they make of their arrays.
 *
 *   player FILE [ISA]           on one instruction set, or on every one with fused multiply-add that runs here
 *   player FILE --spoiled       changes one bit of an answer of every kind of array of every kernel, and fails unless
 *                               each change is found
 *
 * Answers are compared bit by bit, because the contract of nunchi_kernels.h promises the same bits on every instruction
 * set with fused multiply-add: products and sums are chains in a stated order, exp, log and tanh are made of such
 * chains, and what remains (+, -, *, /, square roots, conversions of integers) rounds correctly by IEEE 754. There is
 * no tolerance. The one freedom is the NaN: where a kernel computes, any NaN equals any other. Arrays that the recorded
 * call left alone must be left alone here, bytes in front of and behind an array included.
 */
#define _GNU_SOURCE /* MAP_ANONYMOUS */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel_calls.h"

static const char *const entry_names[] = {
#define NAME(entry) #entry,
    KERNEL_ENTRIES(NAME)
#undef NAME
};

static void fail(const char *what) {
  fprintf(stderr, "player: %s\n", what);
  exit(2);
}

/* A call as it lies in the file. */
typedef struct recorded_array {
  int64_t bytes;
  int changed;
  const char *before, *after; /* the same where nothing changed */
} recorded_array;

typedef struct recorded_call {
  int64_t number;
  call_head head;
  call_argument arguments[KERNEL_ARGUMENTS];
  recorded_array arrays[KERNEL_ARGUMENTS];
} recorded_call;

typedef struct reader {
  const char *next;
  size_t left;
} reader;

static const char *take(reader *r, size_t bytes) {
  if (bytes > r->left) fail("the file ends inside a call");
  const char *here = r->next;
  r->next += bytes;
  r->left -= bytes;
  return here;
}

/* 0 behind the last call. */
static int next_call(reader *r, recorded_call *call) {
  uint64_t word;
  memcpy(&word, take(r, sizeof word), sizeof word);
  if (word == KERNEL_CALLS_END) return 0;
  memcpy(&call->head, &word, sizeof word);
  memcpy((char *)&call->head + sizeof word, take(r, sizeof call->head - sizeof word), sizeof call->head - sizeof word);
  const call_head h = call->head;
  if (h.entry >= ENTRY_COUNT || h.arguments > KERNEL_ARGUMENTS || h.arrays > KERNEL_ARGUMENTS) fail("not a call");
  const size_t arguments = h.arguments * sizeof *call->arguments;
  memcpy(call->arguments, take(r, arguments), arguments);
  for (uint32_t i = 0; i < h.arrays; i++) {
    array_head head;
    memcpy(&head, take(r, sizeof head), sizeof head);
    if (head.bytes < 0) fail("not an array");
    recorded_array *array = &call->arrays[i];
    *array = (recorded_array){.bytes = head.bytes, .changed = head.changed != 0};
    array->before = take(r, (size_t)head.bytes);
    array->after = head.changed ? take(r, (size_t)head.bytes) : array->before;
  }
  call->number++;
  return 1;
}

/* Memory for the arrays of a call. An array ends where a page that traps begins; known bytes stand in front of it. */
enum { FENCE = 64 };
typedef struct place {
  char *mapping, *end;
  size_t room;
} place;

static place places[KERNEL_ARGUMENTS];

static char *placed(int number, const recorded_array *array) {
  place *p = &places[number];
  const size_t page = (size_t)sysconf(_SC_PAGESIZE), needed = (size_t)array->bytes + FENCE;
  if (p->room < needed) {
    if (p->mapping) munmap(p->mapping, p->room + page);
    p->room = (2 * needed + page - 1) / page * page;
    p->mapping = mmap(NULL, p->room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p->mapping == MAP_FAILED) fail("out of memory");
    p->end = p->mapping + p->room;
    if (mprotect(p->end, page, PROT_NONE)) fail("no trapping page");
  }
  char *start = p->end - array->bytes;
  memset(start - FENCE, 0xFF, FENCE);
  memcpy(start, array->before, (size_t)array->bytes);
  return start;
}

/* The arguments of the call, and its pointers into the placed arrays. */
typedef struct given {
  const call_argument *arguments;
  char *const *arrays;
} given;

static int64_t integer(given g, int i) { return g.arguments[i].value; }

static float number(given g, int i) {
  const uint32_t bits = (uint32_t)g.arguments[i].value;
  float value;
  memcpy(&value, &bits, sizeof value);
  return value;
}

static void *pointer(given g, int i) {
  const call_argument a = g.arguments[i];
  return a.kind == ARGUMENT_NULL ? NULL : g.arrays[a.value] + a.offset;
}

static uint32_t bits_of(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  return bits;
}

/* Calls the kernel; the bits of what it returns. */
static uint32_t play(const nk_table *t, kernel_entry entry, given g) {
#define I(i) integer(g, i)
#define F(i) number(g, i)
#define P(i) pointer(g, i)
  switch (entry) {
  case ENTRY_gemm: {
    nk_gemm gemm;
    memcpy(&gemm, P(0), sizeof gemm);
    gemm.a = P(1), gemm.a_offsets = P(2), gemm.b = P(3), gemm.b_offsets = P(4), gemm.c = P(5), gemm.start = P(6);
    gemm.bias = P(7);
    return t->gemm(&gemm), 0;
  }
  case ENTRY_depthwise: {
    nk_depthwise row;
    memcpy(&row, P(0), sizeof row);
    row.x = P(1), row.x_offsets = P(2), row.weights = P(3), row.weight_offsets = P(4), row.y = P(5), row.start = P(6);
    row.bias = P(7);
    return t->depthwise(&row), 0;
  }
  case ENTRY_depthwise_gradient: {
    nk_depthwise_sums row;
    memcpy(&row, P(0), sizeof row);
    row.x = P(1), row.x_offsets = P(2), row.dy = P(3), row.sums = P(4);
    return t->depthwise_gradient(&row), 0;
  }
  case ENTRY_pack:
    return t->pack(P(0), I(1), I(2), I(3), I(4), (int32_t)I(5), P(6)), 0;
  case ENTRY_map:
    return t->map((nk_function)I(0), F(1), F(2), P(3), P(4), I(5)), 0;
  case ENTRY_map_gradient:
    return t->map_gradient((nk_function)I(0), F(1), F(2), P(3), P(4), P(5), I(6)), 0;
  case ENTRY_binary:
    return t->binary((nk_binary_kind)I(0), P(1), I(2), I(3), P(4), I(5), I(6), P(7), I(8), I(9)), 0;
  case ENTRY_fill:
    return t->fill(F(0), P(1), I(2)), 0;
  case ENTRY_copy:
    return t->copy(P(0), P(1), P(2)), 0;
  case ENTRY_one_hot:
    return t->one_hot(P(0), P(1), I(2), I(3)), 0;
  case ENTRY_reduce:
    return t->reduce((nk_reduction)I(0), P(1), I(2), I(3), I(4), P(5)), 0;
  case ENTRY_maximum_gradient:
    return t->maximum_gradient(P(0), P(1), P(2), I(3), I(4), I(5), P(6)), 0;
  case ENTRY_softmax:
    return t->softmax(P(0), P(1), I(2), I(3), (int32_t)I(4)), 0;
  case ENTRY_softmax_gradient:
    return t->softmax_gradient(P(0), P(1), P(2), I(3), I(4), (int32_t)I(5)), 0;
  case ENTRY_cross_entropy:
    return t->cross_entropy(P(0), P(1), P(2), P(3), F(4), (int32_t)I(5), P(6), P(7), I(8), I(9)), 0;
  case ENTRY_cross_entropy_gradient:
    return t->cross_entropy_gradient(P(0), P(1), P(2), P(3), P(4), F(5), (int32_t)I(6), P(7), I(8), I(9)), 0;
  case ENTRY_blend: {
    nk_blend row;
    memcpy(&row, P(0), sizeof row);
    row.x = P(1), row.row_offsets = P(2), row.row_weights = P(3), row.starts = P(4), row.offsets = P(5);
    row.weights = P(6), row.y = P(7);
    return t->blend(&row), 0;
  }
  case ENTRY_standardize:
    return t->standardize(P(0), I(1), I(2), I(3), I(4), F(5), P(6), P(7)), 0;
  case ENTRY_standardize_gradient:
    return t->standardize_gradient(P(0), P(1), P(2), I(3), I(4), I(5), I(6), P(7)), 0;
  case ENTRY_response:
    return t->response(P(0), P(1), P(2), P(3), I(4), I(5)), 0;
  case ENTRY_response_gradient:
    return t->response_gradient(P(0), P(1), P(2), P(3), P(4), P(5), I(6), I(7)), 0;
  case ENTRY_sort_rows:
    return t->sort_rows(P(0), I(1), I(2), I(3), (int32_t)I(4), P(5), P(6), P(7)), 0;
  case ENTRY_moments:
    return t->moments(P(0), I(1), I(2), P(3), P(4)), 0;
  case ENTRY_affine:
    return t->affine(P(0), P(1), P(2), (int32_t)I(3), P(4), I(5), I(6)), 0;
  case ENTRY_batch_norm_sums:
    return t->batch_norm_sums(P(0), P(1), P(2), P(3), P(4), P(5), I(6), I(7), P(8), P(9)), 0;
  case ENTRY_batch_norm_gradient:
    return t->batch_norm_gradient(P(0), P(1), P(2), P(3), P(4), P(5), P(6), P(7), I(8), I(9)), 0;
  case ENTRY_normalize_bytes:
    return t->normalize_bytes(P(0), P(1), P(2), P(3), I(4), I(5)), 0;
  case ENTRY_dropout:
    return t->dropout(P(0), P(1), I(2), (uint64_t)I(3), (uint64_t)I(4), (uint64_t)I(5), (uint32_t)I(6),
                      (uint32_t)I(7), F(8)),
           0;
  case ENTRY_pool_extreme:
    return t->pool_extreme(P(0), (int32_t)I(1), P(2), P(3), P(4), (int32_t)I(5), (int32_t)I(6), P(7), P(8), P(9), I(10), I(11)), 0;
  case ENTRY_pool_extreme_gradient:
    return t->pool_extreme_gradient(P(0), P(1), P(2), P(3), I(4), I(5)), 0;
  case ENTRY_pool_average:
    return t->pool_average(P(0), P(1), P(2), I(3), I(4)), 0;
  case ENTRY_pool_average_gradient:
    return t->pool_average_gradient(P(0), P(1), P(2)), 0;
  case ENTRY_winograd_weights:
    return t->winograd_weights((int32_t)I(0), P(1), I(2), P(3), I(4), I(5)), 0;
  case ENTRY_winograd_input:
    return t->winograd_input(P(0), P(1), P(2)), 0;
  case ENTRY_winograd_multiply:
    return t->winograd_multiply(P(0), P(1), P(2), P(3), I(4)), 0;
  case ENTRY_winograd_output:
    return t->winograd_output(P(0), P(1), P(2), P(3), P(4)), 0;
  case ENTRY_winograd_spread:
    return t->winograd_spread(P(0), P(1), P(2)), 0;
  case ENTRY_winograd_correlate:
    return t->winograd_correlate(P(0), P(1), P(2), P(3), I(4), (int32_t)I(5)), 0;
  case ENTRY_winograd_taps:
    return t->winograd_taps((int32_t)I(0), P(1), I(2), P(3), I(4), I(5)), 0;
  case ENTRY_normalized_sum: {
    const nk_addend a = {P(0), P(1), P(2), (int32_t)I(3)}, b = {P(4), P(5), P(6), (int32_t)I(7)};
    return t->normalized_sum(&a, &b, (int32_t)I(8), P(9), I(10), I(11)), 0;
  }
  case ENTRY_gated_sum:
    return t->gated_sum(P(0), P(1), P(2), P(3), I(4)), 0;
  case ENTRY_update:
    return t->update(P(0), P(1), P(2), P(3), P(4), I(5)), 0;
  case ENTRY_sum_squares:
    return bits_of(t->sum_squares(P(0), I(1)));
  case ENTRY_all_finite:
    return (uint32_t)t->all_finite(P(0), I(1));
  case ENTRY_resample_rows:
  case ENTRY_resample_columns: {
    nk_axis axis;
    memcpy(&axis, P(0), sizeof axis);
    axis.starts = P(1), axis.counts = P(2), axis.weights = P(3);
    if (entry == ENTRY_resample_rows) return t->resample_rows(&axis, P(4), I(5), P(6), I(7), I(8), I(9)), 0;
    return t->resample_columns(&axis, P(4), I(5), P(6), I(7), I(8)), 0;
  }
  case ENTRY_warp_row: {
    nk_warp warp;
    memcpy(&warp, P(0), sizeof warp);
    warp.source = P(1);
    return t->warp_row(&warp, I(2), I(3), P(4), I(5)), 0;
  }
  case ENTRY_byte_sums:
    return t->byte_sums(P(0), I(1), I(2), P(3)), 0;
  case ENTRY_byte_table:
    return t->byte_table(P(0), P(1), I(2)), 0;
  case ENTRY_COUNT:
    break;
  }
  fail("no such kernel");
  return 0;
#undef I
#undef F
#undef P
}

/* Where an answer is not the recorded one: `array` is -1 for what was returned. */
typedef struct mismatch {
  int found, array;
  int64_t byte;
  uint32_t expected, actual; /* the four bytes there, or the one */
} mismatch;

static int is_nan(uint32_t bits) { return (bits & 0x7FFFFFFFu) > 0x7F800000u; }

static mismatch compare(const recorded_array *array, int number, const char *actual, int moves_bits) {
  for (int64_t i = -FENCE; i < 0; i++)
    if ((uint8_t)actual[i] != 0xFF) return (mismatch){1, number, i, 0xFF, (uint8_t)actual[i]};
  if (memcmp(array->after, actual, (size_t)array->bytes) == 0) return (mismatch){0};
  const int64_t step = array->bytes % 4 ? 1 : 4;
  for (int64_t i = 0; i < array->bytes; i += step) {
    uint32_t expected = 0, found = 0;
    memcpy(&expected, array->after + i, (size_t)step);
    memcpy(&found, actual + i, (size_t)step);
    const int nan = array->changed && !moves_bits && is_nan(expected) && is_nan(found);
    if (expected != found && !nan) return (mismatch){1, number, i, expected, found};
  }
  return (mismatch){0};
}

/* What is being played, for `trapped`. */
static const char *playing_isa;
static const recorded_call *playing;

/* A kernel that reaches beyond an array ends the run: the process is of no more use, so the words may be any. */
static void trapped(int number) {
  (void)number;
  if (playing)
    printf("%s: call %lld, %s: memory outside its arrays\n", playing_isa, (long long)playing->number,
           entry_names[playing->head.entry]);
  fflush(stdout);
  _exit(1);
}

static mismatch replay(const nk_table *table, const recorded_call *call) {
  playing_isa = nk_isa_name(table->isa);
  playing = call;
  char *arrays[KERNEL_ARGUMENTS];
  for (uint32_t i = 0; i < call->head.arrays; i++) arrays[i] = placed((int)i, &call->arrays[i]);
  const kernel_entry entry = (kernel_entry)call->head.entry;
  const uint32_t result = play(table, entry, (given){call->arguments, arrays});
  if (result != call->head.result) return (mismatch){1, -1, 0, call->head.result, result};
  for (uint32_t i = 0; i < call->head.arrays; i++) {
    mismatch m = compare(&call->arrays[i], (int)i, arrays[i], entry == ENTRY_copy || entry == ENTRY_pack);
    if (m.found) return m;
  }
  return (mismatch){0};
}

static void describe(const char *isa, const recorded_call *call, mismatch m) {
  float expected, actual;
  memcpy(&expected, &m.expected, sizeof expected);
  memcpy(&actual, &m.actual, sizeof actual);
  printf("%s: call %lld, %s(", isa, (long long)call->number, entry_names[call->head.entry]);
  for (uint32_t i = 0; i < call->head.arguments; i++) {
    const call_argument a = call->arguments[i];
    if (i) printf(", ");
    if (a.kind == ARGUMENT_INTEGER) printf("%lld", (long long)a.value);
    if (a.kind == ARGUMENT_FLOAT) printf("%g", (double)number((given){call->arguments, NULL}, (int)i));
    if (a.kind == ARGUMENT_ARRAY) printf("array %lld", (long long)a.value);
    if (a.kind == ARGUMENT_NULL) printf("none");
  }
  if (m.array < 0)
    printf("): returned ");
  else
    printf("): array %d at byte %lld of %lld is ", m.array, (long long)m.byte, (long long)call->arrays[m.array].bytes);
  printf("%g (%08x) instead of %g (%08x)\n", (double)actual, m.actual, (double)expected, m.expected);
}

/* Repeats every call; the number of those with another answer. */
static int64_t play_all(const nk_table *table, reader calls) {
  const char *isa = nk_isa_name(table->isa);
  int64_t counts[ENTRY_COUNT] = {0}, wrong = 0;
  recorded_call call = {0};
  while (next_call(&calls, &call)) {
    counts[call.head.entry]++;
    const mismatch m = replay(table, &call);
    if (m.found && wrong++ < 10) describe(isa, &call, m);
  }
  for (int entry = 0; entry < ENTRY_COUNT; entry++)
    if (counts[entry] == 0 && ++wrong) printf("%s: no call of %s was recorded\n", isa, entry_names[entry]);
  printf("%s: %lld calls of %d kernels, %lld wrong\n", isa, (long long)call.number, ENTRY_COUNT, (long long)wrong);
  return wrong;
}

/* Whether a change of one bit in the middle of array `number` is found, and found there. 1 where nothing can be
 * changed: an empty array, or NaN. */
static int finds_change(const nk_table *table, const recorded_call *call, int number) {
  recorded_call spoiled = *call;
  recorded_array *array = &spoiled.arrays[number];
  const int64_t step = array->bytes % 4 ? 1 : 4, byte = array->bytes / step / 2 * step;
  uint32_t bits = 0;
  if (array->bytes == 0) return 1;
  char *answer = malloc((size_t)array->bytes);
  if (!answer) fail("out of memory");
  memcpy(answer, array->after, (size_t)array->bytes);
  memcpy(&bits, answer + byte, (size_t)step);
  answer[byte] ^= 1;
  array->after = answer;
  const mismatch m = replay(table, &spoiled);
  free(answer);
  return is_nan(bits) || (m.found && m.array == number && m.byte == byte);
}

/* The number of changes that are not found, on up to eight calls of every kernel. */
static int64_t spoil(const nk_table *table, reader calls) {
  int64_t counts[ENTRY_COUNT] = {0}, changes = 0, missed = 0;
  recorded_call call = {0};
  while (next_call(&calls, &call)) {
    if (counts[call.head.entry]++ >= 8) continue;
    recorded_call spoiled = call;
    spoiled.head.result ^= 1;
    mismatch m = replay(table, &spoiled);
    changes++;
    if (!m.found || m.array != -1) missed++;
    for (uint32_t i = 0; i < call.head.arrays; i++, changes++)
      if (!finds_change(table, &call, (int)i)) missed++;
  }
  printf("%s: %lld changed answers, %lld of them not found\n", nk_isa_name(table->isa), (long long)changes,
         (long long)missed);
  return missed;
}

/* Flushing denormals is no function of the table, and differs between machines all the same. */
static int64_t denormals(const nk_table *table) {
  float least, half[2];
  const uint32_t bits = 1024;
  memcpy(&least, &bits, sizeof least);
  const uint64_t state = nk_flush_denormals();
  table->map(NK_AFFINE, 0.5f, 0.0f, &least, &half[0], 1);
  nk_restore_denormals(state);
  table->map(NK_AFFINE, 0.5f, 0.0f, &least, &half[1], 1);
  if (bits_of(half[0]) == 0 && bits_of(half[1]) == 512) return 0;
  printf("%s: denormals are not flushed and restored\n", nk_isa_name(table->isa));
  return 1;
}

static reader opened(const char *path) {
  FILE *file = fopen(path, "rb");
  if (!file || fseek(file, 0, SEEK_END)) fail("the file cannot be read");
  const long size = ftell(file);
  rewind(file);
  char *bytes = malloc((size_t)size + 1);
  if (!bytes || fread(bytes, 1, (size_t)size, file) != (size_t)size) fail("the file cannot be read");
  fclose(file);
  reader r = {bytes, (size_t)size};
  uint64_t word;
  memcpy(&word, take(&r, sizeof word), sizeof word);
  if (word != KERNEL_CALLS_BEGIN) fail("the file holds no calls of kernels");
  return r;
}

int main(int count, char **words) {
  if (count < 2) fail("usage: player FILE [ISA | --spoiled]");
  const reader calls = opened(words[1]);
  const char *wanted = count > 2 ? words[2] : NULL;
  const int spoiled = wanted && strcmp(wanted, "--spoiled") == 0;
  int64_t wrong = 0, played = 0;
  signal(SIGSEGV, trapped);
  signal(SIGBUS, trapped);
  for (int isa = NK_PORTABLE; isa <= NK_AVX512; isa++) {
    const nk_table *table = nk_kernels((nk_isa)isa);
    if (!table || !table->fused_multiply_add) continue;
    if (wanted && !spoiled && strcmp(wanted, nk_isa_name((nk_isa)isa))) continue;
    wrong += spoiled ? spoil(table, calls) : play_all(table, calls) + denormals(table);
    played++;
  }
  if (!played) fail("this machine has no such instruction set");
  return wrong != 0;
}
