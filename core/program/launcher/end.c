/*
 * What the monitor does when its child has ended.
 *
 * The end, in this order, each visible to others before the next: state, phase (synced), the engine's
 * end of `ready`, event, our look at the flags, `alive` closed. Who wants to take care of the end himself
 * says so in the flags before the event. Only a restart that is delayed is waited for: then others write
 * flags and read the phase, so one of us sees the other.
 */
#include "monitor.h"

enum { STATE_PHASE = 8, STATE_FLAGS = 12 };
enum { PHASE_ENDED = 1, PHASE_WAITING = 2, TAKEN_CARE_OF = 1 };

static void put(u64 offset, const void *data, u64 length)
{
	call4(NR_pwrite, fds[FD_STATE], data, length, offset);
	call3(NR_fdatasync, fds[FD_STATE], 0, 0);
}

static int taken_care_of(void)
{
	u32 flags = 0;
	call4(NR_pread, fds[FD_STATE], &flags, 4, STATE_FLAGS);
	return flags & TAKEN_CARE_OF;
}

static char *append(char *to, const char *from)
{
	while (*from)
		*to++ = *from++;
	return to;
}

static char *append_number(char *to, u64 value)
{
	u64 unit = 1;
	while (value / unit >= 10)
		unit *= 10;
	for (; unit > 0; unit /= 10)
		*to++ = (char)('0' + value / unit % 10);
	return to;
}

static void write_event(void)
{
	const struct config *c = &m.config;
	s32 status = m.end.status;
	char *to = m.chunk;

	if (fds[FD_EVENT] < 0)
		return;
	to = append(to, m.texts + c->event_before);
	to = append_number(to, status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff);
	to = append(to, m.texts + c->event_between);
	to = append_number(to, m.end.ended);
	to = append(to, m.texts + c->event_after);
	call3(NR_write, fds[FD_EVENT], m.chunk, to - m.chunk);
}

/* Milliseconds until the program that comes afterwards; -1: none does. */
static s64 delay_after(void)
{
	const struct config *c = &m.config;
	s64 delay = m.end.status == 0 ? c->success_delay : c->failure_delay;

	if (!c->argv)
		return -1;
	return delay > c->steady_delay && m.ran / MILLISECOND >= (u64)c->steady ? c->steady_delay : delay;
}

static void set_phase(u32 phase)
{
	put(STATE_PHASE, &phase, 4);
}

/* Makes addresses of a vector's distances. */
static char **vector(u32 at)
{
	u64 *entries = (u64 *)(m.texts + at);
	for (u64 *entry = entries; *entry; entry++)
		*entry += (u64)m.texts;
	return (char **)entries;
}

static void become_successor(u64 delay)
{
	u64 now, until = read_clock(CLOCK_MONOTONIC) + delay * MILLISECOND;

	while ((now = read_clock(CLOCK_MONOTONIC)) < until) {
		u64 left[2] = { (until - now) / SECOND, (until - now) % SECOND };
		call6(NR_ppoll, 0, 0, (u64)left, 0, 0, 0);
	}
	if (!taken_care_of()) {
		char **argv = vector(m.config.argv);
		static const char message[] = "tsbox: the program that restarts the container cannot be executed\n";

		call3(NR_dup3, fds[FD_AFTER_STDERR], 2, 0);
		call3(NR_close_range, 3, ~0u, CLOSE_RANGE_CLOEXEC);
		dispose(0);
		call3(NR_execve, argv[0], argv, vector(m.config.env));
		call3(NR_write, 2, message, sizeof(message) - 1);
	}
	set_phase(PHASE_ENDED);
}

/* A run may be over before the engine has said that it began, and whether anybody takes care of its end. */
static void wait_until_ready(void)
{
	struct pollfd poll = { fds[FD_READY], POLLIN, 0 };

	while (poll.fd >= 0 && call6(NR_ppoll, (u64)&poll, 1, 0, 0, 0, 0) == -EINTR)
		;
}

__attribute__((noreturn)) void record_end(void)
{
	s64 delay = delay_after();
	s64 n = call4(NR_pwrite, fds[FD_STATE], &m.end, sizeof(m.end), STATE_RECORD);

	call3(NR_fdatasync, fds[FD_STATE], 0, 0);
	if (n != sizeof(m.end))
		leave(1);
	set_phase(PHASE_ENDED);
	wait_until_ready();
	write_event();
	int again = delay >= 0 && !taken_care_of();
	if (again && delay > 0) {
		/* The phase is written before the flags are read: the last look is after the last change. */
		set_phase(PHASE_WAITING);
		again = !taken_care_of();
		if (!again)
			set_phase(PHASE_ENDED);
	}
	for (int i = 0; i < FDS; i++)
		if (i != FD_STATE && i != FD_AFTER_STDERR)
			fds[i] = -1;
	close_others();
	if (again)
		become_successor((u64)delay);
	leave(0);
}
