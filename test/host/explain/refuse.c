/* refuse CALL ERRNO COMMAND...: runs a command with a seccomp filter that refuses one system call. */
#include <errno.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#define WORD(field) offsetof(struct seccomp_data, field)

int main(int argc, char **argv) {
  if (argc < 4) return 2;
  int error = strcmp(argv[2], "EPROTONOSUPPORT") == 0 ? EPROTONOSUPPORT : ENOSYS;
  struct sock_filter clone3[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WORD(nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_clone3, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_filter netfilter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WORD(nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 5),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WORD(args[0])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, AF_NETLINK, 0, 3),
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, WORD(args[2])),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NETLINK_NETFILTER, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {sizeof clone3 / sizeof *clone3, clone3};
  if (strcmp(argv[1], "netfilter") == 0) {
    program.len = sizeof netfilter / sizeof *netfilter;
    program.filter = netfilter;
  }
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program)) return 3;
  execvp(argv[3], argv + 3);
  perror(argv[3]);
  return 127;
}
