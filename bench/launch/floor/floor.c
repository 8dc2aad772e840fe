/*
 * The floor: a C program that makes the same system calls as a launch does.
 *
 *   floor PROGRAM STEPS
 *
 * PROGRAM is an encoded child program, as the engine writes it; STEPS has one line per thing that
 * the engine does before the clone: `mkdir PATH`, `write PATH`, `late PATH TEXT` (into a file of a
 * cgroup), `netlink PHASE PROTOCOL OFFSET HEX` (a datagram; the pid goes to OFFSET); `parent PATH` and `set PATH TEXT` are done once. For every line on stdin one
 * container is started and one line printed: nanoseconds until its command was executed, and until
 * everything was gone. The clone is made directly out of this small process, without a launcher;
 * where the program enters cgroups before the clone, a fork does that, as the launcher's stage one
 * would.
 */
#include "floor.h"
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ul + t.tv_nsec;
}

static void once(const char *image, size_t size)
{
	int pipes[2], status;
	uint64_t start = now();
	char byte;

	steps();
	netlink_send('p', 0);
	/* The program looks at its control socket, descriptor 4, before the exec; exec closes it. */
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pipes) || dup3(pipes[1], CONTROL_FD, O_CLOEXEC) < 0)
		exit(1);
	close(pipes[1]);
	memcpy(BASE, image, size);
	struct header *h = (struct header *)BASE;
	struct op *ops = (struct op *)h->ops;
	uint32_t clone_at = 0;
	while (ops[clone_at].kind != OP_CLONE)
		clone_at++;
	pid_t pid;
	if (clone_at <= 1) {
		/* Only a close_range before the clone: no stage one is needed. */
		struct clone_args *args = (struct clone_args *)ops[clone_at].args[0];
		args->flags &= ~(uint64_t)CLONE_PARENT;
		args->exit_signal = SIGCHLD;
		pid = syscall(SYS_clone3, args, ops[clone_at].args[1]);
		if (pid == 0) {
			run(ops, clone_at + 1, h->count);
			_exit(125);
		}
	} else {
		pid_t one = fork();
		if (one == 0) {
			run(ops, 1, h->count);
			_exit(125);
		}
		waitpid(one, &status, 0);
		pid = h->child;
	}
	if (waits) {
		netlink_send('a', pid);
		for (uint32_t i = clone_at; i < h->count; i++)
			if (ops[i].kind == OP_BARRIER && write(pipes[0], "g", 1) != 1)
				perror("the barrier"), exit(1);
	}
	/* Not closed: the next socket pair would take the number. */
	dup3(PROGRAM_FD, CONTROL_FD, O_CLOEXEC);
	if (read(pipes[0], &byte, 1) != 0)
		exit(1);
	uint64_t executed = now();
	close(pipes[0]);
	waitpid(pid, &status, __WALL);
	netlink_send('g', 0);
	undo_steps();
	uint64_t end = now();
	if (status != 0) /* what failed is no measure of anything */
		fprintf(stderr, "floor: status %x\n", status), exit(1);
	printf("%lu %lu\n", executed - start, end - start);
	fflush(stdout);
}

int main(int argc, char **argv)
{
	struct stat st;
	char *line = NULL;
	size_t capacity = 0;

	if (argc != 3)
		return 2;
	/* Keep 3 and 4 free for the program. */
	while (open("/dev/null", O_RDONLY | O_CLOEXEC) < CONTROL_FD)
		;
	int fd = open(argv[1], O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st))
		return 2;
	char *image = malloc(st.st_size);
	if (read(fd, image, st.st_size) != st.st_size)
		return 2;
	read_lines(argv[2]);
	netlink_open();
	waits = netlink_has('a');
	if (mmap(BASE, st.st_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != BASE)
		return 2;
	once_and_for_all('p');
	once_and_for_all('s');
	while (getline(&line, &capacity, stdin) > 0)
		once(image, st.st_size);
	for (int i = 0; i < line_count; i++)
		if (lines[i][0] == 'p')
			rmdir(strchr(lines[i], ' ') + 1);
	return 0;
}
