/*
 * The floor: a C program that makes the same system calls as a launch does.
 *
 *   floor PROGRAM STEPS
 *
 * PROGRAM is an encoded child program, as the engine writes it; STEPS has one line per thing that
 * the engine does before the clone: `mkdir PATH`, `write PATH`, `late PATH TEXT` (into a file of a
 * cgroup); `parent PATH` and `set PATH TEXT` are done once. For every line on stdin one
 * container is started and one line printed: nanoseconds until its command was executed, and until
 * everything was gone. The clone is made directly out of this small process, without a launcher;
 * where the program enters cgroups before the clone, a fork does that, as the launcher's stage one
 * would.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
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

#define BASE ((char *)0x1000000000ul)
#define PROGRAM_FD 3
#define CONTROL_FD 4
enum { OP_SYSCALL, OP_CLONE, OP_BARRIER, OP_EXPECT, OP_COPY, OP_INIT, OP_FAIL };

struct op {
	uint16_t kind, flags;
	int32_t number;
	uint64_t args[6], result;
	uint16_t tolerated[4], skip_on_error, skip_on_success;
	uint32_t reserved;
};

struct header {
	uint64_t magic;
	uint32_t count, flags;
	int32_t current, failed, error, child;
	uint64_t start_ns, start_cycles, end_ns, end_cycles, ops, times, outcomes;
};

static uint64_t now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000ul + t.tv_nsec;
}

static int tolerates(struct op *op, int error)
{
	for (int i = 0; i < 4; i++)
		if (op->tolerated[i] && op->tolerated[i] == error)
			return 1;
	return 0;
}

static int64_t perform(struct op *op, uint64_t *a)
{
	switch (op->kind) {
	case OP_SYSCALL: {
		long ret = syscall(op->number, a[0], a[1], a[2], a[3], a[4], a[5]);
		return ret == -1 ? -errno : ret;
	}
	case OP_CLONE: {
		long ret = syscall(SYS_clone3, a[0], a[1]);
		if (ret > 0) {
			((struct header *)BASE)->child = ret;
			_exit(0);
		}
		return ret == -1 ? -errno : ret;
	}
	case OP_BARRIER: /* nothing to wait for: the steps were made before */
		return 0;
	case OP_EXPECT:
		return (a[0] & a[1]) == a[2] ? 0 : -(int64_t)a[3];
	case OP_COPY:
		memcpy((void *)a[0], (void *)a[1], a[2]);
		return 0;
	}
	return -(int64_t)a[0];
}

static void run(struct op *ops, uint32_t from, uint32_t count)
{
	for (uint32_t i = from; i < count; i++) {
		struct op *op = &ops[i];
		uint64_t args[6];
		for (int k = 0; k < 6; k++)
			args[k] = op->flags & 1 << k ? *(uint64_t *)op->args[k] : op->args[k];
		int64_t ret = perform(op, args);
		if (ret < 0 && ret > -4096) {
			if (!tolerates(op, -ret)) {
				fprintf(stderr, "floor: op %u (number %d): %s\n", i, op->number, strerror(-ret));
				_exit(125);
			}
			if (op->result)
				*(int64_t *)op->result = ret;
			i += op->skip_on_error;
			continue;
		}
		if (op->result)
			*(int64_t *)op->result = ret;
		i += op->skip_on_success;
	}
}

static char **lines;
static int line_count;

static void set(char *path)
{
	char *value = strchr(path, ' ');
	*value = 0;
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value + 1, strlen(value + 1)) < 0)
		perror(path), exit(1);
	close(fd);
	*value = ' ';
}

/* `parent` and `set` are done once, before the first launch. */
static void once_and_for_all(char kind)
{
	for (int i = 0; i < line_count; i++) {
		char *rest = strchr(lines[i], ' ') + 1;
		if (lines[i][0] != kind)
			continue;
		if (kind == 's')
			set(rest);
		else if (mkdir(rest, 0755) && errno != EEXIST)
			perror(rest), exit(1);
	}
}

static void steps(void)
{
	for (int i = 0; i < line_count; i++) {
		char *path = strchr(lines[i], ' ') + 1;
		if (lines[i][0] == 'm') {
			/* The last container of an engine takes the parents along. */
			if (mkdir(path, 0755) && errno == ENOENT) {
				once_and_for_all('p');
				once_and_for_all('s');
				if (mkdir(path, 0755))
					perror(path), exit(1);
			}
		} else if (lines[i][0] == 'w') {
			static const char text[200] = "127.0.0.1\tlocalhost\n";
			int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
			if (fd < 0 || write(fd, text, sizeof text) < 0)
				perror(path), exit(1);
			close(fd);
		}
	}
	for (int i = 0; i < line_count; i++)
		if (lines[i][0] == 'l')
			set(strchr(lines[i], ' ') + 1);
}

/* What overlay makes in its work directory; a volatile one says so there. */
static void remove_work(const char *directory)
{
	static const char *const made[] = {"/work/incompat/volatile/dirty", "/work/incompat/volatile", "/work/incompat", "/work"};
	char path[4200];

	if (strcmp(directory + strlen(directory) - 5, "/work"))
		return;
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", directory, made[i]);
		remove(path);
	}
}

static void undo_steps(void)
{
	for (int i = line_count - 1; i >= 0; i--) {
		char *name = strchr(lines[i], ' ') + 1;
		if (lines[i][0] != 'm' && lines[i][0] != 'w')
			continue;
		if (lines[i][0] == 'm' && strncmp(name, "/sys/", 5))
			remove_work(name);
		/* A cgroup stays busy until the last of its processes is reaped everywhere. */
		while (lines[i][0] == 'm' && rmdir(name) && errno == EBUSY)
			;
		if (lines[i][0] == 'w')
			unlink(name);
	}
}

static void once(const char *image, size_t size)
{
	int pipes[2], status;
	uint64_t start = now();
	char byte;

	steps();
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
	/* Not closed: the next socket pair would take the number. */
	dup3(PROGRAM_FD, CONTROL_FD, O_CLOEXEC);
	if (read(pipes[0], &byte, 1) != 0)
		exit(1);
	uint64_t executed = now();
	close(pipes[0]);
	waitpid(pid, &status, __WALL);
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
	FILE *f = fopen(argv[2], "re");
	lines = calloc(4096, sizeof *lines);
	while (f && getline(&line, &capacity, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		lines[line_count++] = strdup(line);
	}
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
