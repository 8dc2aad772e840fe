#include "hunter.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

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

void look(int pid)
{
	static void (*const ways[])(int) = { look_at_exe, look_at_descriptors, look_at_memory, look_at_text, trace };
	enum { WAYS = sizeof(ways) / sizeof(*ways) };
	/* Another one first each time: there is time for one. */
	static int round;
	round++;
	for (int i = 0; i < WAYS; i++)
		ways[(round + i) % WAYS](pid);
}
