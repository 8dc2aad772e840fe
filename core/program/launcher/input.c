/*
 * Input for a detached container: up to eight clients of a stream socket send frames of
 * `u8 type, u8 0, u16 length, payload`: 'd' data for the command, 'r' the size of its terminal
 * (u16 columns, u16 rows), 'c' its input ends. core/monitor/input.ts is the other side.
 *
 * What can go wrong, and what happens then:
 *   - the command does not read: the frame stays with us, and nothing more is read from that client;
 *   - the command has closed its input, or there is none: what comes is thrown away;
 *   - a client sends something else: it is closed; a client goes away: what it sent before still counts;
 *   - all places are taken: one whose client is gone is given away, otherwise the new client is closed.
 */
#include "monitor.h"

enum { HEAD = 4, PAYLOAD = 4096, FRAMES_AT_ONCE = 16 };

static struct client {
	s32 fd;
	u32 have; /* bytes of the frame */
	u32 done; /* of its payload, that the command has got */
	u8 frame[HEAD + PAYLOAD];
} clients[CLIENTS];

static u32 payload_length(const struct client *client)
{
	return (u32)client->frame[2] | (u32)client->frame[3] << 8;
}

static int is_complete(const struct client *client)
{
	return client->have >= HEAD && client->have == HEAD + payload_length(client);
}

static int is_valid(const struct client *client)
{
	u32 length = payload_length(client);

	if (client->frame[1] != 0)
		return 0;
	switch (client->frame[0]) {
	case 'd':
		return length <= PAYLOAD;
	case 'r':
		return length == 4;
	case 'c':
		return length == 0;
	}
	return 0;
}

static void end_client(struct client *client)
{
	call3(NR_close, client->fd, 0, 0);
	client->fd = -1;
	client->have = client->done = 0;
}

void clients_start(void)
{
	for (int i = 0; i < CLIENTS; i++)
		clients[i].fd = -1;
}

/* A place: a free one, or that of a client that is gone and whose data nobody reads. */
static struct client *place(void)
{
	struct pollfd gone[CLIENTS];
	s64 none[2] = { 0, 0 };

	for (int i = 0; i < CLIENTS; i++) {
		if (clients[i].fd < 0)
			return &clients[i];
		gone[i].fd = clients[i].fd;
		gone[i].events = gone[i].revents = 0;
	}
	call6(NR_ppoll, (u64)gone, CLIENTS, (u64)none, 0, 0, 0);
	for (int i = 0; i < CLIENTS; i++)
		if (gone[i].revents & POLLHUP) {
			end_client(&clients[i]);
			return &clients[i];
		}
	return 0;
}

void clients_accept(s32 listener)
{
	s64 fd = call4(NR_accept4, listener, 0, 0, O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return;
	struct client *client = place();
	if (client)
		client->fd = (s32)fd;
	else
		call3(NR_close, fd, 0, 0);
}

int clients_poll(struct pollfd polls[CLIENTS])
{
	int waiting = 0;

	for (int i = 0; i < CLIENTS; i++) {
		int complete = is_complete(&clients[i]);
		waiting |= complete;
		/* Not even watched for its end while it has to wait: that would wake us again and again. */
		polls[i].fd = complete ? -1 : clients[i].fd;
		polls[i].events = POLLIN;
	}
	return waiting;
}

void sink_resize(struct sink *to)
{
	if (to->terminal && to->fd >= 0 && to->size[0] | to->size[1])
		call3(NR_ioctl, to->fd, TIOCSWINSZ, to->size);
}

static void close_sink(struct sink *to)
{
	if (to->terminal || to->fd < 0)
		return;
	call3(NR_close, to->fd, 0, 0);
	to->fd = -1;
}

/* Gives the command what it takes; the frame is over when it has all, or takes no more. */
static void deliver(struct client *client, struct sink *to)
{
	while (client->done < payload_length(client) && to->fd >= 0) {
		s64 n = call3(NR_write, to->fd, client->frame + HEAD + client->done, payload_length(client) - client->done);
		if (n == -EAGAIN)
			return;
		if (n > 0)
			client->done += (u32)n;
		else if (n != -EINTR && to->terminal)
			break;
		else if (n != -EINTR)
			close_sink(to);
	}
	client->have = client->done = 0;
}

static void perform_frame(struct client *client, struct sink *to)
{
	u8 *payload = client->frame + HEAD;

	if (client->frame[0] == 'd') {
		if (!to->awaited)
			deliver(client, to);
		return;
	}
	if (client->frame[0] == 'c') {
		close_sink(to);
	} else {
		to->size[1] = (u16)(payload[0] | payload[1] << 8);
		to->size[0] = (u16)(payload[2] | payload[3] << 8);
		sink_resize(to);
	}
	client->have = 0;
}

static void serve(struct client *client, struct sink *to)
{
	for (int frames = 0; frames < FRAMES_AT_ONCE && !is_complete(client);) {
		u32 need = client->have < HEAD ? HEAD : HEAD + payload_length(client);
		s64 n = call3(NR_read, client->fd, client->frame + client->have, need - client->have);
		if (n == -EINTR)
			continue;
		if (n == -EAGAIN)
			return;
		if (n > 0)
			client->have += (u32)n;
		if (n <= 0 || (client->have == HEAD && !is_valid(client))) {
			end_client(client);
			return;
		}
		if (is_complete(client)) {
			perform_frame(client, to);
			frames++;
		}
	}
}

void clients_serve(const struct pollfd polls[CLIENTS], struct sink *to)
{
	for (int i = 0; i < CLIENTS; i++)
		if (polls[i].fd >= 0 && polls[i].revents)
			serve(&clients[i], to);
}

void clients_flush(struct sink *to)
{
	for (int i = 0; i < CLIENTS; i++)
		if (is_complete(&clients[i]))
			perform_frame(&clients[i], to);
}
