/*
 * What stage one of the launcher is after the clone of a detached container: its parent and monitor.
 * monitor.c watches it, end.c records its end, log.c writes what it prints, input.c takes what it reads.
 * The layout of `struct config` is that of MONITOR in layout.ts; the two change together.
 */
#ifndef MONITOR_H
#define MONITOR_H
#include "system.h"

/* Descriptors of the config; -1 where there is none. */
enum { FD_STATE, FD_MEMORY_EVENTS, FD_LOG, FD_STDOUT, FD_STDERR, FD_STDIN, FD_INPUT, FD_ALIVE, FD_TERMINAL,
       FD_EVENT, FD_AFTER_STDERR, FD_READY, FDS };

/* Followed by its texts and vectors, which it names by their distance from its beginning; 0: none. */
struct config {
	u32 length;
	s32 fd[FDS];
	u64 log_size;
	u32 log_files;
	u32 argv, env; /* vectors of distances, each ended by 0 */
	u32 event_before, event_between, event_after;
	/* milliseconds; -1: none */
	s64 timeout, success_delay, failure_delay, steady, steady_delay;
};
enum { CONFIG_MAX = 16384 };

__attribute__((noreturn)) void monitor(const struct config *config, s32 child, u64 program, u64 size);

/* log.c; `directory` -1: everything is thrown away */
enum { STREAM_STDOUT, STREAM_STDERR };
void log_start(s32 directory, u64 max_size, u32 max_files);
void log_append(int stream, const char *data, u64 length);
u64 log_dropped(void);

/* Where input goes: the command's standard input, or the master of its terminal. */
struct sink {
	s32 fd;	     /* nonblocking; -1: nobody reads, what comes is thrown away */
	u8 terminal; /* it is a terminal */
	u8 awaited;  /* it is on its way: what comes must wait */
	u16 size[4]; /* struct winsize: rows, columns; 0: as it was made */
};
void sink_resize(struct sink *to);

/* input.c */
enum { CLIENTS = 8 };
void clients_start(void);
void clients_accept(s32 listener);
int clients_poll(struct pollfd polls[CLIENTS]); /* nonzero: somebody's data waits for the sink */
void clients_serve(const struct pollfd polls[CLIENTS], struct sink *to);
void clients_flush(struct sink *to);
/* monitor.c */
enum { CHUNK = 32768, STATE_RECORD = 16 };
extern struct monitor {
	union {
		struct config config;
		char texts[CONFIG_MAX];
	};
	struct sink sink;
	s32 pidfd;
	u64 started, deadline, look_again; /* CLOCK_MONOTONIC */
	u64 ran;
	struct { /* as it is in the state, from STATE_RECORD on */
		s32 status;
		u32 timed_out;
		u64 ended, dropped;
		u32 length, reserved[5];
		char memory_events[448];
	} end;
	char chunk[CHUNK];
} m;
#define fds (m.config.fd)
#define MILLISECOND 1000000ul

void close_others(void);
void dispose(u64 handler); /* SIG_DFL or SIG_IGN, of the signals that writing may bring */

/* end.c */
__attribute__((noreturn)) void record_end(void);
#endif
