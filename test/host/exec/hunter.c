/*
 * A hostile program in a container: waits for new processes and tries everything on them that a process
 * may try on another, as early as it can, since for a moment each of them is not yet its command.
 *
 *   hunter look PID NEEDLE...     reads all it can and attaches; PID is not used
 *   hunter vandal PID             writes into what it can: numbers, PID among them, where the launcher keeps its own
 *   hunter signal PID             sends SIGUSR1, SIGSTOP and SIGKILL in turn
 *   hunter keyring                prints the session keyring and who leads the session
 *
 * Until SIGTERM. What it got hold of is printed, each different line once; the last line is a summary.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#define BASE 0x1000000000ul
#define REPORT 0x1800000000ul
enum { HEADER_CURRENT = 16, CHUNK = 1 << 20, WINDOW = 48, SEEN = 4096 };

static struct { long attacked, early, refused, traced, memory, canary, written; } count;
static volatile sig_atomic_t over;
static uint64_t seen[SEEN];
static char **needles;
static int decoy;
static char chunk[CHUNK];

static void stop(int signal)
{
	(void)signal;
	over = 1;
}

static int is_new(const char *text)
{
	uint64_t hash = 1469598103934665603ul;
	for (; *text; text++)
		hash = (hash ^ (unsigned char)*text) * 1099511628211ul;
	for (int i = 0; i < SEEN; i++) {
		uint64_t *slot = &seen[(hash + (uint64_t)i) % SEEN];
		if (*slot == hash)
			return 0;
		if (!*slot) {
			*slot = hash;
			return 1;
		}
	}
	return 0;
}

__attribute__((format(printf, 1, 2))) static void report(const char *format, ...)
{
	char line[8192];
	va_list list;
	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	if (is_new(line)) {
		printf("%s\n", line);
		fflush(stdout);
	}
}

static const char *path_of(int pid, const char *rest)
{
	static char path[320];
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, rest);
	return path;
}

/* Empty where it cannot be read. Numbers of pipes and sockets say nothing. */
static const char *link_of(const char *path)
{
	static char text[4096];
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	if (!strncmp(text, "pipe:", 5) || !strncmp(text, "socket:", 7))
		*strchr(text, '[') = 0;
	return text;
}

static void try_launcher(int pid)
{
	char self[64];
	int fd = open(path_of(pid, "exe"), O_WRONLY | O_CLOEXEC);
	if (fd >= 0 && write(fd, "x", 1) == 1)
		report("WROTE to the launcher");
	if (fd >= 0)
		close(fd);
	fd = open(path_of(pid, "exe"), O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	snprintf(self, sizeof(self), "/proc/self/fd/%d", fd);
	if (strstr(link_of(self), "memfd:")) {
		if (fchmod(fd, 0) == 0)
			report("CHMOD of the launcher");
		/* Granted to the only one who has a file open: right when what executed it is over, and then worth nothing. */
		if (fcntl(fd, F_SETLEASE, F_WRLCK) == 0 && strstr(link_of(path_of(pid, "exe")), "memfd:"))
			report("LEASE on the launcher");
		/* When nothing executes it, it can perhaps be opened again, with more rights. */
		usleep(300);
		int again = open(self, O_RDWR | O_CLOEXEC);
		if (again >= 0 && (write(again, "x", 1) == 1 || ftruncate(again, 0) == 0))
			report("WROTE to the launcher later");
		if (again >= 0)
			close(again);
	}
	close(fd);
}

static void look_at_exe(int pid)
{
	const char *exe = link_of(path_of(pid, "exe"));
	if (!*exe && (errno == EACCES || errno == EPERM))
		count.refused++;
	if (strstr(exe, "memfd:")) {
		count.early++;
		report("exe %s", exe);
		try_launcher(pid);
	} else if (*exe) {
		report("exe %s", exe);
	}
}

static void look_at_descriptors(int pid)
{
	DIR *directory = opendir(path_of(pid, "fd"));
	struct dirent *entry;
	while (directory && (entry = readdir(directory))) {
		char rest[280];
		if (*entry->d_name == '.')
			continue;
		snprintf(rest, sizeof(rest), "fd/%s", entry->d_name);
		report("fd %s %s", entry->d_name, link_of(path_of(pid, rest)));
	}
	if (directory)
		closedir(directory);
	int pidfd = (int)syscall(SYS_pidfd_open, pid, 0);
	for (int fd = 0; pidfd >= 0 && fd < 32; fd++) {
		char self[64];
		int taken = (int)syscall(SYS_pidfd_getfd, pidfd, fd, 0);
		if (taken < 0)
			continue;
		snprintf(self, sizeof(self), "/proc/self/fd/%d", taken);
		report("getfd %d %s", fd, link_of(self));
		close(taken);
	}
	if (pidfd >= 0)
		close(pidfd);
}

static void scan(const char *what, const char *bytes, size_t length)
{
	for (char **needle = needles; *needle; needle++) {
		if (!memmem(bytes, length, *needle, strlen(*needle)))
			continue;
		if (!strncmp(*needle, "CANARY", 6))
			count.canary++;
		else
			report("LEAK of %s in %s", *needle, what);
	}
}

static void look_at_memory(int pid)
{
	char line[512], name[256];
	unsigned long from, to;
	FILE *maps = fopen(path_of(pid, "maps"), "r");
	int memory = open(path_of(pid, "mem"), O_RDONLY | O_CLOEXEC);
	int early = 0;
	while (maps && memory >= 0 && fgets(line, sizeof(line), maps)) {
		*name = 0;
		if (sscanf(line, "%lx-%lx %*s %*s %*s %*s %255[^\n]", &from, &to, name) < 2)
			continue;
		early |= strstr(name, "memfd:tsbox-program") != 0;
		for (; from < to; from += CHUNK) {
			ssize_t n = pread(memory, chunk, to - from < CHUNK ? to - from : CHUNK, (off_t)from);
			if (n > 0)
				scan(*name ? name : "memory", chunk, (size_t)n);
		}
		if (early)
			report("map %s", name);
	}
	if (early)
		count.memory++;
	if (early && memory >= 0 && pread(memory, chunk, 8, REPORT) > 0)
		report("REPORT page is readable");
	if (memory >= 0)
		close(memory);
	if (maps)
		fclose(maps);
}

static void look_at_text(int pid)
{
	for (const char **file = (const char *[]){ "environ", "cmdline", "stack", "syscall", 0 }; *file; file++) {
		int fd = open(path_of(pid, *file), O_RDONLY | O_CLOEXEC);
		ssize_t n = fd < 0 ? -1 : read(fd, chunk, 65536);
		if (n > 0)
			scan(*file, chunk, (size_t)n);
		if (fd >= 0)
			close(fd);
	}
	for (const char **file = (const char *[]){ "cwd", "root", 0 }; *file; file++) {
		const char *link = link_of(path_of(pid, *file));
		if (*link)
			report("%s %s", *file, link);
	}
}

/* Attaches, looks, lets go: the process must not notice. */
static void trace(int pid)
{
	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
		return;
	ptrace(PTRACE_INTERRUPT, pid, 0, 0);
	int status;
	if (waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status)) {
		if (strstr(link_of(path_of(pid, "exe")), "memfd:")) {
			count.traced++;
			look_at_exe(pid);
			look_at_descriptors(pid);
			look_at_memory(pid);
			look_at_text(pid);
		}
		ptrace(PTRACE_DETACH, pid, 0, 0);
	}
}

/* The header from `current` on: current, failed, error, child; and the page of the pids. */
static void vandalize(int pid)
{
	static int round;
	int memory = open(path_of(pid, "mem"), O_RDWR | O_CLOEXEC);
	int32_t lies[4] = { 1 << 30, round % 3 ? -1 : 7 + round % 50, round % 2 ? -5 : 0x7fffffff, decoy };
	if (round++ % 5 == 0)
		lies[1] = 1 << 28;
	if (memory < 0)
		return;
	if (pwrite(memory, lies, sizeof(lies), BASE + HEADER_CURRENT) == sizeof(lies)) {
		count.written++;
		if (pwrite(memory, &decoy, 4, REPORT) > 0 || pwrite(memory, &decoy, 4, REPORT + 4) > 0)
			report("REPORT page is writable");
		/* Everything behind the header: ops, outcomes, texts. */
		if (round % 4 == 0) {
			memset(chunk, 0xff, 4096);
			pwrite(memory, chunk, 2048, BASE + 104);
		}
	}
	close(memory);
}

static void strike(int pid)
{
	static const int signals[] = { SIGUSR1, SIGSTOP, SIGKILL };
	static int round;
	int signal = signals[round++ % 3];
	kill(pid, signal);
	if (signal == SIGSTOP) {
		usleep(500);
		kill(pid, SIGCONT);
	}
}

static void look(int pid)
{
	static void (*const ways[])(int) = { look_at_exe, look_at_descriptors, look_at_memory, look_at_text, trace };
	enum { WAYS = sizeof(ways) / sizeof(*ways) };
	/* Another one first each time: there is time for one. */
	static int round;
	round++;
	for (int i = 0; i < WAYS; i++)
		ways[(round + i) % WAYS](pid);
}

static int keyring(void)
{
	char text[256] = "";
	long id = syscall(SYS_keyctl, 0, -3, 0);
	syscall(SYS_keyctl, 6, id, text, sizeof(text) - 1);
	printf("%ld %s\nsession %d of %d\n", id, text, getsid(0), getpid());
	return 0;
}

int main(int argc, char **argv)
{
	const char *mode = argc > 1 ? argv[1] : "";
	void (*attack)(int) = !strcmp(mode, "look") ? look : !strcmp(mode, "vandal") ? vandalize : strike;
	int next = getpid() + 1;

	if (!strcmp(mode, "keyring"))
		return keyring();
	decoy = argc > 2 ? atoi(argv[2]) : 0;
	needles = argv + (argc > 3 ? 3 : argc);
	signal(SIGTERM, stop);
	puts("up");
	fflush(stdout);
	/* Pids of a namespace come one after the other: asking for the next ones is the fastest way to see them. */
	while (!over)
		for (int pid = next; pid < next + WINDOW; pid++)
			if (kill(pid, 0) == 0 || errno == EPERM) {
				count.attacked++;
				attack(pid);
				next = pid + 1;
				break;
			}
	printf("summary {\"attacked\":%ld,\"early\":%ld,\"refused\":%ld,\"traced\":%ld,\"memory\":%ld,\"canary\":%ld,\"written\":%ld}\n",
	       count.attacked, count.early, count.refused, count.traced, count.memory, count.canary, count.written);
	return 0;
}
