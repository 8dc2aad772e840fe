/* Executes an encoded child program as the launcher does. */
#include "floor.h"
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

int waits;

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
	case OP_BARRIER: { /* without messages there is nothing to wait for: the steps were made before */
		char byte;
		return waits && read(CONTROL_FD, &byte, 1) != 1 ? -ECANCELED : 0;
	}
	case OP_EXPECT:
		/* "The engine has not died": here nobody is its child. */
		if (a[3] == ECANCELED)
			return 0;
		return (a[0] & a[1]) == a[2] ? 0 : -(int64_t)a[3];
	case OP_COPY:
		memcpy((void *)a[0], (void *)a[1], a[2]);
		return 0;
	}
	return -(int64_t)a[0];
}

void run(struct op *ops, uint32_t from, uint32_t count)
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
