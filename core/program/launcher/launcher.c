/*
 * The launcher: executes one child program and becomes the container's command.
 *
 * It is started with the program (a memfd) as fd 3, or with a socket there from
 * which programs come (ready.c), and with nothing else that it knows about: every descriptor, flag and string it uses is in the program.
 * No libc, no heap, no state of its own. The layout of the program is described
 * in layout.ts; the two files change together.
 *
 * What can go wrong, and what happens then:
 *   - the program cannot be mapped, or is not one: exit 124, nothing was done;
 *   - a system call fails and the op does not tolerate its errno: index and
 *     errno go into the header, exit 125. Descriptors and namespaces die with us;
 *   - the engine dies: a barrier reads end of file, exit 125;
 *   - we are killed: header.current names the op that was running.
 */
#include "system.h"
#include "monitor.h"
#include "ready.h"

#define BASE 0x1000000000ul /* below 2^39: the smallest arm64 address space */
#define MAGIC 0x31786f6273740a7ful
#define PROGRAM_FD 3

enum { OP_SYSCALL, OP_CLONE, OP_BARRIER, OP_EXPECT, OP_COPY, OP_INIT, OP_FAIL, OP_ENTER };
/* flags, bits 0-5: argument i is read from memory */
enum { FLAG_STORE32 = 1 << 6, FLAG_LAST = 1 << 7 };
enum { PROGRAM_TRACED = 1 };

struct op {
	u16 kind, flags;
	s32 number;
	u64 args[6];
	u64 result;
	u16 tolerated[4];
	u16 skip_on_error, skip_on_success;
	u32 reserved;
};

struct header {
	u64 magic;
	u32 count, flags;
	s32 current, failed, error, child;
	u64 start_ns, start_cycles, end_ns, end_cycles;
	u64 ops, times, outcomes;
	u64 monitor; /* what stage one does after the clone: monitor.h; 0: it ends */
	s32 watcher; /* pid of the process that a clone op with a third argument made */
	u32 reserved;
};

#if defined(__x86_64__)
__asm__(".globl _start\n_start:\n\txor %ebp,%ebp\n\tand $-16,%rsp\n\tcall launch\n");
#else
__asm__(".globl _start\n_start:\n\tmov x29, #0\n\tbl launch\n");
#endif

enum { EXIT_NO_PROGRAM = 124, EXIT_FAILED = 125 };

static u64 now(void)
{
	/* REALTIME, because a time namespace shifts MONOTONIC between the two readings */
	return read_clock(CLOCK_REALTIME);
}

/* Tell the engine that we have come this far, unless it does not ask, and wait for its word. */
static s64 barrier(u64 fd, u64 quiet)
{
	char byte = 'B';
	s64 n = 1;
	if (!quiet)
		do
			n = call3(NR_write, fd, &byte, 1);
		while (n == -EINTR);
	if (n != 1)
		return -EPIPE;
	do
		n = call3(NR_read, fd, &byte, 1);
	while (n == -EINTR);
	return n == 1 ? 0 : -EPIPE;
}

/*
 * Pid 1 of a container that was started with --init: forwards signals to the
 * command, reaps what is orphaned, and ends as the command ended. It keeps no
 * descriptor, so that pipes close when the command closes them. Returns only
 * in the child.
 */
static s64 become_init(u64 program_size)
{
	u64 all = ~0ul, old;
	u32 self, status;
	s64 signal, pid, ended;

	call4(NR_sigprocmask, SIG_SETMASK, &all, &old, 8);
	pid = call6(NR_clone, SIGCHLD, 0, 0, 0, 0, 0);
	if (pid < 0)
		return pid;
	if (pid == 0) {
		/* Its own foreground group: a Ctrl-C then reaches the command once. */
		call3(NR_setpgid, 0, 0, 0);
		self = call3(NR_getpid, 0, 0, 0);
		call3(NR_ioctl, 0, TIOCSPGRP, &self);
		call4(NR_sigprocmask, SIG_SETMASK, &old, 0, 8);
		return 0;
	}
	call3(NR_close_range, 0, ~0u, 0);
	call3(NR_munmap, BASE, program_size, 0);
	for (;;) {
		signal = call4(NR_sigtimedwait, &all, 0, 0, 8);
		if (signal != SIGCHLD) {
			if (signal > 0 && signal != SIGTSTP && signal != SIGTTIN && signal != SIGTTOU)
				call3(NR_kill, pid, signal, 0);
			continue;
		}
		while ((ended = call4(NR_wait4, -1, &status, WNOHANG, 0)) > 0)
			if (ended == pid)
				leave(status & 0x7f ? 128 + (status & 0x7f) : status >> 8 & 0xff);
	}
}

/*
 * The last clone into a container that runs: clone(2) with CLONE_VFORK, so that the caller goes on when the
 * child has executed its command or has ended. Processes of the container may write into the child, and so
 * into the program: from here on the caller reads nothing of it. It alone still sees whether its engine
 * (pid a[3], 0: it does not matter) has died before the child could ask to be killed then.
 */
static s64 enter(s64 number, const u64 *a)
{
	s64 child = call3(number, a[0], a[1], a[2]);

	if (child <= 0)
		return child;
	if (a[3] && call3(NR_getppid, 0, 0, 0) != (s64)a[3])
		call3(NR_kill, child, SIGKILL, 0);
	leave(0);
}

static s64 perform(struct header *h, struct op *op, u64 *a, u64 size)
{
	s64 ret;
	u64 i;

	switch (op->kind) {
	case OP_SYSCALL:
		return call6(op->number, a[0], a[1], a[2], a[3], a[4], a[5]);
	case OP_CLONE: /* stage one ends here, or is the monitor; the container's first process goes on */
		ret = call3(op->number, a[0], a[1], 0);
		if (ret > 0 && a[2]) { /* the new process goes on in our place, and is nobody's child */
			h->watcher = (s32)ret;
			leave(0);
		}
		if (ret > 0) {
			h->child = (s32)ret;
			if (h->monitor)
				monitor((struct config *)h->monitor, (s32)ret, BASE, size);
			leave(0);
		}
		return ret;
	case OP_BARRIER:
		return barrier(a[0], a[1]);
	case OP_EXPECT: /* (a[0] & a[1]) == a[2], or errno a[3] */
		return (a[0] & a[1]) == a[2] ? 0 : -(s64)a[3];
	case OP_COPY:
		for (i = 0; i < a[2]; i++)
			((volatile char *)a[0])[i] = ((volatile char *)a[1])[i];
		return 0;
	case OP_INIT:
		return become_init(size);
	case OP_ENTER:
		return enter(op->number, a);
	}
	return -(s64)a[0]; /* OP_FAIL */
}

static int tolerates(struct op *op, s64 error)
{
	for (int i = 0; i < 4; i++)
		if (op->tolerated[i] && op->tolerated[i] == error)
			return 1;
	return 0;
}

__attribute__((noreturn, used)) void launch(void)
{
	s64 size = call3(NR_lseek, PROGRAM_FD, 0, SEEK_END);
	if (size == -ESPIPE) {
		serve();
		size = call3(NR_lseek, PROGRAM_FD, 0, SEEK_END);
	}
	/* PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED_NOREPLACE */
	u64 where = call6(NR_mmap, BASE, size, 3, 0x100001, PROGRAM_FD, 0);
	struct header *h = (struct header *)BASE;

	if (where != BASE || h->magic != MAGIC)
		leave(EXIT_NO_PROGRAM);

	struct op *ops = (struct op *)h->ops;
	u64 *times = (u64 *)h->times;
	s32 *outcomes = (s32 *)h->outcomes;
	int traced = h->flags & PROGRAM_TRACED;

	h->start_ns = now();
	h->start_cycles = cycles();
	for (u32 i = 0; i < h->count; i++) {
		struct op *op = &ops[i];
		u64 args[6];
		s64 ret;

		*(volatile s32 *)&h->current = (s32)i;
		for (int k = 0; k < 6; k++)
			args[k] = op->flags & 1 << k ? *(u64 *)op->args[k] : op->args[k];
		if (traced) {
			times[i] = cycles();
			/* An execve does not come back: the clocks are read before it. */
			if (op->flags & FLAG_LAST) {
				h->end_ns = now();
				h->end_cycles = cycles();
			}
		}
		ret = perform(h, op, args, size);
		outcomes[i] = (s32)ret;
		if (ret < 0 && ret > -4096) {
			if (!tolerates(op, -ret)) {
				h->failed = (s32)i;
				h->error = (s32)-ret;
				if (traced) {
					h->end_ns = now();
					h->end_cycles = cycles();
				}
				leave(EXIT_FAILED);
			}
			if (op->result)
				*(s64 *)op->result = ret;
			i += op->skip_on_error;
			continue;
		}
		if (op->result) {
			if (op->flags & FLAG_STORE32)
				*(s32 *)op->result = (s32)ret;
			else
				*(s64 *)op->result = ret;
		}
		i += op->skip_on_success;
	}
	leave(0);
}
