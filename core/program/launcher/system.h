/* The kernel as launcher.c and the monitor see it, on x86-64 and arm64: no libc. */
#ifndef SYSTEM_H
#define SYSTEM_H
#include <stdint.h>

typedef uint64_t u64;
typedef int64_t s64;
typedef uint32_t u32;
typedef int32_t s32;
typedef uint16_t u16;
typedef int16_t s16;
typedef uint8_t u8;

#if defined(__x86_64__)
enum { NR_read = 0, NR_write = 1, NR_close = 3, NR_lseek = 8, NR_mmap = 9, NR_munmap = 11, NR_sigaction = 13,
       NR_sigprocmask = 14, NR_ioctl = 16, NR_pread = 17, NR_pwrite = 18, NR_writev = 20, NR_getpid = 39, NR_sendto = 44,
       NR_recvmsg = 47, NR_recvfrom = 45, NR_clone = 56, NR_execve = 59, NR_wait4 = 61, NR_kill = 62, NR_fcntl = 72,
       NR_fdatasync = 75, NR_ftruncate = 77, NR_setpgid = 109, NR_getppid = 110, NR_getdents64 = 217, NR_prlimit64 = 302, NR_sigtimedwait = 128, NR_prctl = 157,
       NR_clock_gettime = 228, NR_exit_group = 231, NR_openat = 257, NR_mkdirat = 258, NR_unlinkat = 263, NR_renameat = 264,
       NR_ppoll = 271, NR_accept4 = 288, NR_dup3 = 292 };
enum { O_DIRECTORY = 0x10000, O_NOFOLLOW = 0x20000 };
static inline s64 call6(s64 n, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	s64 ret;
	register u64 r10 __asm__("r10") = d;
	register u64 r8 __asm__("r8") = e;
	register u64 r9 __asm__("r9") = f;
	__asm__ volatile("syscall" : "=a"(ret) : "a"(n), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
	return ret;
}
static inline u64 cycles(void)
{
	u32 lo, hi;
	__asm__ volatile("rdtsc" : "=a"(lo), "=d"(hi));
	return (u64)hi << 32 | lo;
}
#elif defined(__aarch64__)
enum { NR_read = 63, NR_write = 64, NR_close = 57, NR_lseek = 62, NR_mmap = 222, NR_munmap = 215, NR_sigaction = 134,
       NR_sigprocmask = 135, NR_ioctl = 29, NR_pread = 67, NR_pwrite = 68, NR_writev = 66, NR_getpid = 172, NR_sendto = 206,
       NR_recvmsg = 212, NR_recvfrom = 207, NR_clone = 220, NR_execve = 221, NR_wait4 = 260, NR_kill = 129, NR_fcntl = 25,
       NR_fdatasync = 83, NR_ftruncate = 46, NR_setpgid = 154, NR_getppid = 173, NR_getdents64 = 61, NR_prlimit64 = 261, NR_sigtimedwait = 137, NR_prctl = 167,
       NR_clock_gettime = 113, NR_exit_group = 94, NR_openat = 56, NR_mkdirat = 34, NR_unlinkat = 35, NR_renameat = 38,
       NR_ppoll = 73, NR_accept4 = 242, NR_dup3 = 24 };
enum { O_DIRECTORY = 0x4000, O_NOFOLLOW = 0x8000 };
static inline s64 call6(s64 n, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f)
{
	register u64 x8 __asm__("x8") = n;
	register u64 x0 __asm__("x0") = a;
	register u64 x1 __asm__("x1") = b;
	register u64 x2 __asm__("x2") = c;
	register u64 x3 __asm__("x3") = d;
	register u64 x4 __asm__("x4") = e;
	register u64 x5 __asm__("x5") = f;
	__asm__ volatile("svc 0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5) : "memory");
	return (s64)x0;
}
static inline u64 cycles(void)
{
	u64 value;
	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(value));
	return value;
}
#else
#error "the launcher knows x86-64 and arm64"
#endif
enum { NR_pidfd_send_signal = 424, NR_pidfd_open = 434, NR_close_range = 436, NR_openat2 = 437 };

#define call3(n, a, b, c) call6(n, (u64)(a), (u64)(b), (u64)(c), 0, 0, 0)
#define call4(n, a, b, c, d) call6(n, (u64)(a), (u64)(b), (u64)(c), (u64)(d), 0, 0)

enum { EINTR = 4, EAGAIN = 11, ESPIPE = 29, EPIPE = 32 };
enum { SIGKILL = 9, SIGPIPE = 13, SIGCHLD = 17, SIGTSTP = 20, SIGTTIN = 21, SIGTTOU = 22, SIGXFSZ = 25 };
enum { SIG_SETMASK = 2, WNOHANG = 1, WALL = 0x40000000 };
enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1 };
enum { TIOCSPGRP = 0x5410, TIOCSWINSZ = 0x5414, FIONREAD = 0x541b };
enum { AT_FDCWD = -100, O_WRONLY = 1, O_RDWR = 2, O_CREAT = 0x40, O_APPEND = 0x400, O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000 };
enum { F_GETFL = 3, F_SETFL = 4, CLOSE_RANGE_CLOEXEC = 4, SEEK_END = 2, PR_SET_PDEATHSIG = 1, PR_SET_NAME = 15 };
enum { POLLIN = 1, POLLOUT = 4, POLLERR = 8, POLLHUP = 16 };

#define SECOND 1000000000ul

struct pollfd { s32 fd; s16 events, revents; };
struct iovec { const char *base; u64 length; };

static inline __attribute__((noreturn)) void leave(int status)
{
	for (;;)
		call3(NR_exit_group, status, 0, 0);
}

/* Nanoseconds of a clock. */
static inline u64 read_clock(int clock)
{
	s64 t[2];
	call3(NR_clock_gettime, clock, t, 0);
	return (u64)t[0] * SECOND + (u64)t[1];
}
#endif
