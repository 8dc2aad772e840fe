/*
 * A launcher that waits: started with a unix socket as fd 3 instead of a program, it makes a stage one for each
 * message, so that the engine's thread does not wait for a spawn. A message is one byte with descriptors: the program,
 * the control socket, 0, 1 and 2, then what becomes 5 and up. The answer is the pid of stage one, or minus errno.
 * Over the socket at fd 4 it is told what else to do: errands.c.
 *
 * Stage one is a child of the engine (CLONE_PARENT), as one that was spawned is; it has the limits of the engine, and
 * else what this process has, which therefore does not live long: the engine makes another one after some seconds.
 *
 * What can go wrong, and what happens then:
 *   - the engine dies, and we with it (PR_SET_PDEATHSIG), or closes its end, or nothing comes for a while: we end;
 *   - descriptors did not arrive (a full table of open files), or clone fails: minus errno is the answer, all of the
 *     message is closed, and the control socket's end of file tells the engine;
 *   - a hard limit of the engine's cannot be had (others have raised it): stage one has ours;
 *   - the answer cannot be sent: the engine is gone, and the next message will not come;
 *   - a message waits while something is removed: that is small (errands.c);
 *   - we are killed: what we held of a message is closed, and the answer is end of file.
 */
#include "system.h"
#include "ready.h"
#include "errands.h"

enum { PROGRAM_FD = 3, CONTROL_FD = 4 };
enum { SOCKET_FD = 3, ERRANDS_FD = 4, FIRST_FD = 5, REQUIRED = 5, MOST = 32 };
enum { PATIENCE_SECONDS = 20 };
enum { MSG_CTRUNC = 8, MSG_NOSIGNAL = 0x4000, MSG_CMSG_CLOEXEC = 0x40000000 };
enum { LIMITS = 16 };
enum { CMSG_HEADER = 16, CLONE_PARENT = 0x8000, EMFILE = 24 };

static struct {
	u64 length;
	s32 level, type;
	s32 fd[MOST];
} rights;

struct message {
	void *name;
	u32 name_length;
	struct iovec *parts;
	u64 part_count;
	void *control;
	u64 control_length;
	s32 flags;
};

enum { GONE, TO_LAUNCH, TO_ERRAND };

/* How many descriptors came, from FIRST_FD on without a gap, as the kernel gives numbers; 0: not all of them. */
static u32 arrived(const struct message *from)
{
	u32 count = from->control_length < CMSG_HEADER ? 0 : (u32)((rights.length - CMSG_HEADER) / sizeof rights.fd[0]);

	if (from->flags & MSG_CTRUNC || count < REQUIRED || count > MOST)
		return 0;
	for (u32 i = 0; i < count; i++)
		if (rights.fd[i] != (s32)(FIRST_FD + i))
			return 0;
	return count;
}

/* Where the launcher and its program expect them, each below where it is; open across an exec, as those of a spawn. */
static void place(u32 count)
{
	for (u32 i = 0; i < 3; i++)
		call3(NR_dup3, FIRST_FD + 2 + i, i, 0);
	call3(NR_dup3, FIRST_FD, PROGRAM_FD, 0);
	call3(NR_dup3, FIRST_FD + 1, CONTROL_FD, 0);
	for (u32 i = REQUIRED; i < count; i++)
		call3(NR_dup3, FIRST_FD + i, i, 0);
	call3(NR_close_range, count, ~0u, 0);
}

/* The engine's limits are those of this moment, which a spawn would have given us. */
static void take_limits(void)
{
	s64 engine = call3(NR_getppid, 0, 0, 0);
	u64 limit[2];

	for (u32 i = 0; i < LIMITS; i++)
		if (call6(NR_prlimit64, engine, i, 0, (u64)limit, 0, 0) == 0)
			call6(NR_prlimit64, 0, i, (u64)limit, 0, 0, 0);
}

/* What there is to do next, at the latest when there is nothing for a while. */
static int next(void)
{
	struct pollfd poll[2] = {{SOCKET_FD, POLLIN, 0}, {ERRANDS_FD, POLLIN, 0}};
	s64 patience[2] = {PATIENCE_SECONDS, 0};
	s64 n;

	do
		n = call6(NR_ppoll, (u64)poll, 2, (u64)patience, 0, 0, 0);
	while (n == -EINTR);
	if (n <= 0)
		return GONE;
	/* What is to be made for a launch is there before that, and nothing is made when its end is long over. */
	return poll[1].revents ? TO_ERRAND : TO_LAUNCH;
}

/* A stage one for a message; true in it. */
static int launches(void)
{
	char byte;
	struct iovec part = {&byte, 1};
	struct message message = {0, 0, &part, 1, &rights, sizeof rights, 0};
	s64 stage_one, n;
	u32 count;

	do
		n = call3(NR_recvmsg, SOCKET_FD, &message, MSG_CMSG_CLOEXEC);
	while (n == -EINTR);
	if (n <= 0)
		leave(0);
	count = arrived(&message);
	stage_one = count ? call6(NR_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0, 0) : -EMFILE;
	if (count && stage_one == 0) {
		place(count);
		take_limits();
		return 1;
	}
	call3(NR_close_range, FIRST_FD, ~0u, 0);
	call6(NR_sendto, SOCKET_FD, (u64)&stage_one, sizeof stage_one, MSG_NOSIGNAL, 0, 0);
	return 0;
}

void serve(void)
{
	call3(NR_prctl, PR_SET_NAME, "tsbox-ready", 0);
	/* What it makes after its engine's end nobody would take back. */
	call3(NR_prctl, PR_SET_PDEATHSIG, SIGKILL, 0);
	for (;;)
		switch (next()) {
		case TO_LAUNCH:
			if (launches())
				return;
			break;
		case TO_ERRAND:
			if (!run_errand(ERRANDS_FD))
				leave(0);
			break;
		default:
			leave(0);
		}
}
