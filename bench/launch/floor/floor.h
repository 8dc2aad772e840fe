/* What the files of the floor share. */
#define _GNU_SOURCE
#include <stdint.h>
#include <sys/types.h>

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

/* steps.c: the lines of STEPS. */
extern char **lines;
extern int line_count;
void read_lines(const char *path);
void once_and_for_all(char kind);
void steps(void);
void undo_steps(void);

/* program.c: an encoded child program. `waits` is set where its barrier has something to wait for. */
extern int waits;
void run(struct op *ops, uint32_t from, uint32_t count);

/* netlink.c: the messages of a phase; `a` is sent while the child waits, whose pid is put into them. */
void netlink_open(void);
int netlink_has(char phase);
void netlink_send(char phase, pid_t pid);
