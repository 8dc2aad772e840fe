/*
 * The log of a detached container: `log` in its directory, and older ones as `log.1`, `log.2` ...
 * A line is `2026-11-22T03:04:05.123456789Z stdout F text`; with P instead of F the text goes on in
 * the next line of that stream, or ended without a newline. Every read of the command's output is
 * written at once, in place: an iovec for each prefix and one for each text.
 *
 * What can go wrong, and what happens then:
 *   - there is no log and none can be made: the output is dropped and counted; the next chunk tries again;
 *   - a write is short or fails (ENOSPC, EDQUOT, EFBIG, EIO): whole lines that arrived stay, the file is
 *     cut back to their end, so that readers never see it shrink below a line; the rest is tried once
 *     more, then dropped and counted. The container goes on;
 *   - cutting back fails, or a crash left half a line: the next write begins with a newline;
 *   - a rename fails in rotation: the log is emptied instead, for the limit of its size comes first.
 */
#include "monitor.h"

enum { PREFIX = 40, VECTOR = 512 };
#define NAME "log"

static struct {
	s32 directory, file;
	u32 max_files, count;
	u64 max_size, size, dropped;
	u64 pending; /* bytes in the vector */
	int broken;  /* the file ends within a line */
	char prefix[2][PREFIX]; /* of cut and of whole lines */
	struct iovec vector[VECTOR];
} log;

static const char newline[] = "\n";

u64 log_dropped(void)
{
	return log.dropped;
}

static void open_log(void)
{
	char last = '\n';

	log.size = log.broken = 0;
	log.file = (s32)call4(NR_openat, log.directory, NAME, O_RDWR | O_CREAT | O_APPEND | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (log.file < 0)
		return;
	s64 end = call3(NR_lseek, log.file, 0, SEEK_END);
	if (end <= 0)
		return;
	log.size = (u64)end;
	call4(NR_pread, log.file, &last, 1, end - 1);
	log.broken = last != '\n';
}

void log_start(s32 directory, u64 max_size, u32 max_files)
{
	log.directory = directory;
	log.max_size = max_size;
	log.max_files = max_files;
	log.file = -1;
	if (directory >= 0)
		open_log();
}

static char *digits(char *to, u64 value, int width)
{
	for (int i = width; i-- > 0; value /= 10)
		to[i] = (char)('0' + value % 10);
	return to + width;
}

/* `log` for 0, `log.N` for others. */
static void log_name(char *to, u32 number)
{
	int width = 0;

	for (const char *from = NAME; *from; from++)
		*to++ = *from;
	if (number > 0) {
		*to++ = '.';
		for (u32 rest = number; rest > 0; rest /= 10)
			width++;
		to = digits(to, number, width);
	}
	*to = 0;
}

static void rotate(void)
{
	char from[16], to[16];

	call3(NR_close, log.file, 0, 0);
	if (log.max_files <= 1)
		call3(NR_unlinkat, log.directory, NAME, 0);
	for (u32 i = log.max_files; i-- > 1;) {
		log_name(from, i - 1);
		log_name(to, i);
		call4(NR_renameat, log.directory, from, log.directory, to);
	}
	open_log();
	if (log.file >= 0 && log.size > 0) {
		call3(NR_ftruncate, log.file, 0, 0);
		log.size = log.broken = 0;
	}
}

/* How many bytes of an entry the command wrote: not our prefixes and newlines. */
static u64 payload(const struct iovec *entry)
{
	int ours = entry->base == log.prefix[0] || entry->base == log.prefix[1] || entry->base == newline;
	return ours ? 0 : entry->length;
}

/* Writes the vector, whole lines or nothing. */
static void flush(void)
{
	for (u32 first = 0, next; first < log.count; first = next) {
		s64 written = call3(NR_writev, log.file, log.vector + first, log.count - first);
		s64 kept = 0, sum = 0;

		next = first;
		if (written == -EINTR)
			continue;
		for (u32 i = first; i < log.count; i++) {
			sum += log.vector[i].length;
			if (sum > written)
				break;
			if (log.vector[i].base[log.vector[i].length - 1] == '\n') {
				kept = sum;
				next = i + 1;
			}
		}
		log.size += kept;
		if (kept > 0)
			log.broken = 0;
		if (written > kept && call3(NR_ftruncate, log.file, log.size, 0) < 0)
			log.broken = 1;
		if (next > first)
			continue;
		for (; next < log.count; next++)
			log.dropped += payload(&log.vector[next]);
	}
	log.count = 0;
	log.pending = 0;
}

static void add(const char *base, u64 length)
{
	log.vector[log.count].base = base;
	log.vector[log.count++].length = length;
	log.pending += length;
}

/* Both prefixes for one moment: civil time from days, in eras of 400 years that begin in March. */
static void stamp(int stream)
{
	u64 now = read_clock(CLOCK_REALTIME);
	u64 seconds = now / SECOND, days = seconds / 86400 + 719468;
	u64 era = days / 146097, day = days % 146097;
	u64 year = (day - day / 1460 + day / 36524 - day / 146096) / 365;
	day -= year * 365 + year / 4 - year / 100;
	u64 month = (5 * day + 2) / 153;
	day -= (153 * month + 2) / 5;
	month += month < 10 ? 3 : -9;
	year += era * 400 + (month <= 2);

	for (int whole = 0; whole < 2; whole++) {
		char *to = digits(log.prefix[whole], year, 4);
		*to++ = '-', to = digits(to, month, 2);
		*to++ = '-', to = digits(to, day + 1, 2);
		*to++ = 'T', to = digits(to, seconds / 3600 % 24, 2);
		*to++ = ':', to = digits(to, seconds / 60 % 60, 2);
		*to++ = ':', to = digits(to, seconds % 60, 2);
		*to++ = '.', to = digits(to, now % SECOND, 9);
		for (const char *rest = stream == STREAM_STDOUT ? "Z stdout " : "Z stderr "; *rest; rest++)
			*to++ = *rest;
		*to++ = whole ? 'F' : 'P';
		*to = ' ';
	}
}

/* Writes what was read in one go. No file gets larger than its limit, but for one line of one chunk. */
void log_append(int stream, const char *data, u64 length)
{
	if (log.directory < 0)
		return;
	if (log.file < 0)
		open_log();
	stamp(stream);
	while (length > 0) {
		u64 line = 0;
		while (line < length && data[line] != '\n')
			line++;
		int whole = line < length;
		u64 record = PREFIX + line + 1;

		if (log.count + 4 > VECTOR)
			flush();
		if (log.file >= 0 && log.size + log.pending > 0 && log.size + log.pending + record > log.max_size) {
			flush();
			rotate();
		}
		if (log.broken && log.count == 0)
			add(newline, 1);
		add(log.prefix[whole], PREFIX);
		add(data, line + whole);
		if (!whole)
			add(newline, 1);
		data += line + whole;
		length -= line + whole;
	}
	flush();
}
