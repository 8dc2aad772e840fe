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
#include "hunter.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define BASE 0x1000000000ul
enum { HEADER_CURRENT = 16, WINDOW = 48, SEEN = 4096 };

struct counts count;
char **needles;
char chunk[CHUNK];
static volatile sig_atomic_t over;
static uint64_t seen[SEEN];
static int decoy;

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

void report(const char *format, ...)
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

const char *path_of(int pid, const char *rest)
{
	static char path[320];
	snprintf(path, sizeof(path), "/proc/%d/%s", pid, rest);
	return path;
}

const char *link_of(const char *path)
{
	static char text[4096];
	ssize_t n = readlink(path, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = 0;
	if (!strncmp(text, "pipe:", 5) || !strncmp(text, "socket:", 7))
		*strchr(text, '[') = 0;
	return text;
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
