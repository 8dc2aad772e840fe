/* The netlink messages that an engine sends, sent again: `netlink PHASE PROTOCOL OFFSET HEX`. */
#include "floor.h"
#include <errno.h>
#include <linux/netlink.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define MOST 64
#define PROTOCOLS 16

static struct message {
	char phase;
	int protocol, offset;
	size_t length;
	unsigned char *bytes;
} messages[MOST];
static int count;
static int sockets[PROTOCOLS];
static char answer[128 * 1024];

static void add(const char *line)
{
	struct message *m = &messages[count];
	int at;

	if (count == MOST || sscanf(line, "netlink %c %d %d %n", &m->phase, &m->protocol, &m->offset, &at) != 3)
		fprintf(stderr, "floor: cannot read %s\n", line), exit(2);
	m->length = strlen(line + at) / 2;
	m->bytes = malloc(m->length);
	for (size_t i = 0; i < m->length; i++)
		if (sscanf(line + at + 2 * i, "%2hhx", &m->bytes[i]) != 1)
			exit(2);
	count++;
}

/* As the engine has it: one socket for each protocol, opened once, with short acknowledgements. */
static void open_socket(int protocol)
{
	int on = 1;

	if (sockets[protocol])
		return;
	sockets[protocol] = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol);
	if (sockets[protocol] < 0)
		perror("netlink"), exit(2);
	setsockopt(sockets[protocol], SOL_NETLINK, NETLINK_CAP_ACK, &on, sizeof on);
	setsockopt(sockets[protocol], SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof on);
}

void netlink_open(void)
{
	for (int i = 0; i < line_count; i++)
		if (lines[i][0] == 'n')
			add(lines[i]);
	for (int i = 0; i < count; i++)
		open_socket(messages[i].protocol);
}

int netlink_has(char phase)
{
	for (int i = 0; i < count; i++)
		if (messages[i].phase == phase)
			return 1;
	return 0;
}

/* A question may have no answer, and what is to go may have gone; what the child waits for must succeed. */
static void check(char phase, ssize_t length)
{
	struct nlmsghdr *h = (struct nlmsghdr *)answer;

	for (; phase == 'a' && NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
		int error = h->nlmsg_type == NLMSG_ERROR ? -((struct nlmsgerr *)NLMSG_DATA(h))->error : 0;
		if (error)
			fprintf(stderr, "floor: netlink: %s\n", strerror(error)), exit(1);
	}
}

void netlink_send(char phase, pid_t pid)
{
	for (int i = 0; i < count; i++) {
		struct message *m = &messages[i];
		ssize_t length;
		if (m->phase != phase)
			continue;
		if (m->offset >= 0)
			memcpy(m->bytes + m->offset, &pid, sizeof pid);
		if (send(sockets[m->protocol], m->bytes, m->length, 0) < 0)
			perror("netlink"), exit(1);
		/* The kernel has answered when send returns; the next part of a dump is made by recv. */
		while ((length = recv(sockets[m->protocol], answer, sizeof answer, MSG_DONTWAIT)) > 0)
			check(phase, length);
	}
}
