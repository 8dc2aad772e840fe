/* What the ways of the hunter share. */
#define _GNU_SOURCE

#define REPORT 0x1800000000ul
enum { CHUNK = 1 << 20 };

struct counts { long attacked, early, refused, traced, memory, canary, written; };

extern struct counts count;
/* What is searched for in memory; ends with a null pointer. */
extern char **needles;
extern char chunk[CHUNK];

/* Prints a line, if it is a new one. */
__attribute__((format(printf, 1, 2))) void report(const char *format, ...);

/* Below /proc/PID; valid until the next call. */
const char *path_of(int pid, const char *rest);

/* Empty where it cannot be read. Numbers of pipes and sockets say nothing. Valid until the next call. */
const char *link_of(const char *path);

/* Reads all it can of a process, and attaches. */
void look(int pid);
