/*
 * The monitor of a detached container: its parent, which stays when everything else of tsbox has gone.
 * It keeps the log, passes input on, kills at the timeout, and records the end in the run's state
 * (core/state/run-state.ts has the same layout). It holds no descriptor but those of its config, and
 * /dev/null as 0, 1 and 2: neither the ends of the container's pipes nor anything of its caller's.
 *
 * What can go wrong, and what happens then:
 *   - we are killed: the container dies with us (PR_SET_PDEATHSIG); the state stays at `running`, and
 *     whoever reads it sees that the process is gone;
 *   - the child cannot be watched (pidfd_open, ppoll): it is killed, and its end recorded as any other;
 *   - the child ends before it is the command: as any other end; the engine reads why in the program;
 *   - a stream fails or ends: it is closed; a terminal that nobody has open is looked at again each second;
 *   - its terminal never comes: output is lost with it, input is thrown away;
 *   - somebody else keeps a pipe open when it has ended: what is in it now is read, no more;
 *   - the end cannot be recorded: the phase stays `running`, as if we had been killed;
 *   - memory.events or the event file fail: the end is recorded without that;
 *   - the program to become is not there: one line in its stderr, the phase is `ended`;
 *   - the engine that starts the run is stopped, not dead: what comes after the end waits for it.
 */
#include "monitor.h"

enum { AT_LEAST_DRAINED = 1 << 20 };
enum { P_CHILD, P_STDOUT, P_STDERR, P_TERMINAL, P_SINK, P_INPUT, P_CLIENTS, POLLS = P_CLIENTS + CLIENTS };
#define NEVER (~0ul)

struct monitor m;

static void shut(s32 *fd)
{
	if (*fd >= 0)
		call3(NR_close, *fd, 0, 0);
	*fd = -1;
}

static void unblock(s32 fd)
{
	if (fd >= 0)
		call3(NR_fcntl, fd, F_SETFL, call3(NR_fcntl, fd, F_GETFL, 0) | O_NONBLOCK);
}

void dispose(u64 handler)
{
	u64 action[4] = { handler, 0, 0, 0 };
	call4(NR_sigaction, SIGPIPE, action, 0, 8);
	call4(NR_sigaction, SIGXFSZ, action, 0, 8);
}

/* Everything but the config's own, from the control socket, whose end the engine waits for, to stdio. */
void close_others(void)
{
	for (u32 from = 0, next; from != ~0u; from = next + 1) {
		next = ~0u - 1;
		for (int i = 0; i < FDS; i++)
			if (fds[i] >= (s64)from && (u32)fds[i] < next)
				next = (u32)fds[i];
		if (next > from)
			call3(NR_close_range, from, next - 1, 0);
	}
	if (call4(NR_openat, AT_FDCWD, "/dev/null", O_RDWR, 0) == 0) {
		call3(NR_dup3, 0, 1, 0);
		call3(NR_dup3, 0, 2, 0);
	}
}

static s64 pump(s32 fd, int stream)
{
	s64 n = call3(NR_read, fd, m.chunk, CHUNK);
	u64 before = log_dropped();

	if (n <= 0)
		return n;
	log_append(stream, m.chunk, (u64)n);
	m.end.dropped = log_dropped();
	if (m.end.dropped != before)
		call4(NR_pwrite, fds[FD_STATE], &m.end.dropped, 8, STATE_RECORD + 16);
	return n;
}

static int is_over(s64 n)
{
	return n <= 0 && n != -EAGAIN && n != -EINTR;
}

/* Takes the master of the terminal, which comes once. */
static void take_terminal(void)
{
	u64 control[3] = { 0 }, byte;
	struct iovec vector = { (char *)&byte, 1 };
	u64 message[7] = { 0, 0, (u64)&vector, 1, (u64)control, sizeof(control), 0 };
	s64 n = call3(NR_recvmsg, fds[FD_TERMINAL], message, 0x40000040); /* MSG_CMSG_CLOEXEC | MSG_DONTWAIT */

	if (n == -EAGAIN || n == -EINTR)
		return;
	if (n > 0 && control[0] == 20 && control[1] == 0x100000001) /* one descriptor: SOL_SOCKET, SCM_RIGHTS */
		m.sink.fd = (s32)control[2];
	m.sink.awaited = 0;
	shut(&fds[FD_TERMINAL]);
	unblock(m.sink.fd);
	sink_resize(&m.sink);
}

/* Waits until something is there. @return nonzero, or minus errno */
static s64 wait_for(struct pollfd polls[POLLS])
{
	u64 wake = m.deadline;
	int waiting = clients_poll(polls + P_CLIENTS) && m.sink.fd >= 0;

	for (int i = P_CHILD; i < P_CLIENTS; i++)
		polls[i].events = POLLIN;
	polls[P_CHILD].fd = m.pidfd;
	polls[P_STDOUT].fd = fds[FD_STDOUT];
	polls[P_STDERR].fd = fds[FD_STDERR];
	polls[P_TERMINAL].fd = fds[FD_TERMINAL];
	polls[P_INPUT].fd = fds[FD_INPUT];
	polls[P_SINK].fd = m.sink.fd;
	polls[P_SINK].events = (m.sink.terminal ? POLLIN : 0) | (waiting ? POLLOUT : 0);
	if (m.look_again) {
		polls[P_SINK].fd = -1;
		wake = m.look_again < wake ? m.look_again : wake;
	}
	if (wake == NEVER)
		return call6(NR_ppoll, (u64)polls, POLLS, 0, 0, 0, 0);

	u64 now = read_clock(CLOCK_MONOTONIC), left = wake > now ? wake - now : 0;
	u64 timeout[2] = { left / SECOND, left % SECOND };
	s64 n = call6(NR_ppoll, (u64)polls, POLLS, (u64)timeout, 0, 0, 0);
	now = read_clock(CLOCK_MONOTONIC);
	if (m.look_again && now >= m.look_again)
		m.look_again = 0;
	if (now >= m.deadline) {
		m.deadline = NEVER;
		m.end.timed_out = 1;
		call4(NR_pidfd_send_signal, m.pidfd, SIGKILL, 0, 0);
	}
	return n == 0 ? -EINTR : n;
}

/* Until the child has ended. @return 0 when it cannot be watched */
static int watch(void)
{
	struct pollfd polls[POLLS];

	for (;;) {
		s64 n = wait_for(polls);
		if (n == -EINTR)
			continue;
		if (n < 0)
			return 0;
		if (polls[P_CHILD].revents)
			return 1;
		for (int stream = STREAM_STDOUT; stream <= STREAM_STDERR; stream++)
			if (polls[P_STDOUT + stream].revents && is_over(pump(fds[FD_STDOUT + stream], stream)))
				shut(&fds[FD_STDOUT + stream]);
		if (polls[P_TERMINAL].revents)
			take_terminal();
		if (polls[P_SINK].revents & (POLLIN | POLLERR | POLLHUP)) {
			if (!m.sink.terminal)
				shut(&m.sink.fd);
			else if (is_over(pump(m.sink.fd, STREAM_STDOUT)))
				m.look_again = read_clock(CLOCK_MONOTONIC) + SECOND;
		}
		clients_flush(&m.sink);
		clients_serve(polls + P_CLIENTS, &m.sink);
		if (polls[P_INPUT].revents)
			clients_accept(fds[FD_INPUT]);
	}
}

/* What the container left in a pipe or its terminal; not what another process goes on to write. */
static void drain(s32 fd, int stream)
{
	s32 there = 0;
	call3(NR_ioctl, fd, FIONREAD, &there);
	s64 left = there > AT_LEAST_DRAINED ? there : AT_LEAST_DRAINED;

	while (fd >= 0 && left > 0) {
		s64 n = pump(fd, stream);
		if (n <= 0 && n != -EINTR)
			return;
		left -= n > 0 ? n : 0;
	}
}

/* Reaps the child and reads what it left. */
static void take_note(s32 child)
{
	s64 n;

	do
		n = call4(NR_wait4, child, &m.end.status, WALL, 0);
	while (n == -EINTR);
	if (n != child)
		m.end.status = SIGKILL;
	m.end.ended = read_clock(CLOCK_REALTIME);
	m.ran = read_clock(CLOCK_MONOTONIC) - m.started;

	if (fds[FD_TERMINAL] >= 0)
		take_terminal();
	drain(fds[FD_STDOUT], STREAM_STDOUT);
	drain(fds[FD_STDERR], STREAM_STDERR);
	if (m.sink.terminal)
		drain(m.sink.fd, STREAM_STDOUT);
	n = call4(NR_pread, fds[FD_MEMORY_EVENTS], m.end.memory_events, sizeof(m.end.memory_events), 0);
	m.end.length = n > 0 ? (u32)n : 0;
}

__attribute__((noreturn)) void monitor(const struct config *config, s32 child, u64 program, u64 size)
{
	u64 length = config->length < CONFIG_MAX ? config->length : CONFIG_MAX;

	for (u64 i = 0; i < length; i++)
		m.texts[i] = ((const volatile char *)config)[i];
	call3(NR_munmap, program, size, 0);
	close_others();
	call3(NR_prctl, PR_SET_NAME, "tsbox-monitor", 0);
	dispose(1);
	m.pidfd = (s32)call3(NR_pidfd_open, child, 0, 0);
	m.started = read_clock(CLOCK_MONOTONIC);
	m.deadline = m.config.timeout < 0 ? NEVER : m.started + (u64)m.config.timeout * MILLISECOND;
	m.sink.terminal = m.sink.awaited = fds[FD_TERMINAL] >= 0;
	m.sink.fd = m.sink.terminal ? -1 : fds[FD_STDIN];
	for (int i = FD_STDOUT; i <= FD_INPUT; i++)
		unblock(fds[i]);
	clients_start();
	log_start(fds[FD_LOG], m.config.log_size, m.config.log_files);
	if (m.pidfd < 0 || !watch())
		call3(NR_kill, child, SIGKILL, 0);
	take_note(child);
	record_end();
}
