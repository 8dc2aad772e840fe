/*
 * Makes what a container needs and removes what it leaves, beside the engine's thread. A message is a list of
 * `kind, path, NUL`, the path absolute: 'm' a directory (a cgroup) to be made, 'w' a file of one to be written to,
 * with a text and another NUL behind it, each line by a write(2) of its own, 'd' an empty directory to be removed,
 * 't' a directory with all below it. The answer has an errno for each, a byte, in their order; 0: it is gone, or was
 * not there. A message that begins with 'm' has no answer: stage one looks, and makes what is not there.
 *
 * It is for the small trees that most containers leave. Whatever it does not manage is done again by whoever asked,
 * with all that belongs to it (core/state/remove-tree.ts), so nothing here tries twice.
 *
 * What can go wrong, and what happens then:
 *   - a tree is deep or has many entries: E2BIG, part of it is gone;
 *   - somebody makes entries meanwhile: a directory is read again as long as the count of entries allows;
 *   - a link is in the way: it is removed, never followed; a mount is never entered (EXDEV), and what it shows stays;
 *   - the message was cut, or has no such form: EINVAL for all that is left of it, nothing of that is done;
 *   - the engine dies: what is in hand is finished, the answer goes nowhere; the next tsbox finds it gone.
 */
#include "system.h"
#include "errands.h"

enum { MESSAGE = 16384, ITEMS = 64, DEPTH = 12, ENTRIES = 300 };
enum { ENOENT = 2, E2BIG = 7, EEXIST = 17, EISDIR = 21, EINVAL = 22, EPERM = 1, ENOTEMPTY = 39 };
enum { AT_REMOVEDIR = 0x200, DT_DIR = 4, MSG_NOSIGNAL = 0x4000, MSG_TRUNC = 0x20, SEEK_SET = 0 };
enum { RESOLVE_NO_XDEV = 1, RESOLVE_NO_SYMLINKS = 4 };

struct entry {
	u64 inode, offset;
	u16 length;
	u8 type;
	char name[];
};

struct open_how { u64 flags, mode, resolve; };

static char message[MESSAGE];
static u8 answer[ITEMS];
static u64 listing[512];

static s64 enter(s64 directory, const char *name)
{
	struct open_how how = {O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0, RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS};
	return call4(NR_openat2, directory, name, &how, sizeof how);
}

static int is_dots(const char *name)
{
	return name[0] == '.' && (!name[1] || (name[1] == '.' && !name[2]));
}

/* Removes an entry: 0, minus errno, or the descriptor of a directory that is to be emptied first. */
static s64 remove_entry(s64 directory, const struct entry *entry)
{
	s64 ret = -EISDIR;

	if (entry->type != DT_DIR)
		ret = call3(NR_unlinkat, directory, entry->name, 0);
	if (ret == -EISDIR || ret == -EPERM)
		ret = call3(NR_unlinkat, directory, entry->name, AT_REMOVEDIR);
	if (ret == -ENOTEMPTY || ret == -EEXIST)
		ret = enter(directory, entry->name);
	return ret == -ENOENT ? 0 : ret;
}

/* Empties directories[0], going down and up again; those below it are closed in the end. */
static s64 empty(s64 *directories)
{
	u32 depth = 0, entries = 0;
	s64 ret = 0;

	while (ret >= 0) {
		s64 directory = directories[depth];
		s64 length = ret = call3(NR_getdents64, directory, listing, sizeof listing);

		if (length == 0 && depth == 0)
			return 0;
		if (length == 0) {
			call3(NR_close, directories[depth--], 0, 0);
			/* Its own entry is among those that were read before. */
			ret = call3(NR_lseek, directories[depth], 0, SEEK_SET);
			continue;
		}
		for (s64 at = 0; at < length && ret >= 0;) {
			const struct entry *entry = (const struct entry *)((char *)listing + at);

			at += entry->length;
			if (is_dots(entry->name))
				continue;
			ret = ++entries > ENTRIES ? -E2BIG : remove_entry(directory, entry);
			if (ret > 0 && depth + 1 == DEPTH) {
				call3(NR_close, ret, 0, 0);
				ret = -E2BIG;
			}
			if (ret > 0) {
				directories[++depth] = ret;
				break;
			}
		}
	}
	for (; depth > 0; depth--)
		call3(NR_close, directories[depth], 0, 0);
	return ret;
}

/* A directory with all below it. Its parent's path is the caller's, and may lead over links; its own name may not. */
static s64 remove_tree(char *path, u64 length)
{
	s64 directories[DEPTH], parent, ret;
	u64 slash = length;

	while (slash > 0 && path[slash] != '/')
		slash--;
	if (slash == 0)
		return -EINVAL;
	path[slash] = 0;
	parent = call4(NR_openat, AT_FDCWD, path, O_DIRECTORY | O_CLOEXEC, 0);
	if (parent < 0)
		return parent;
	ret = directories[0] = enter(parent, path + slash + 1);
	if (ret >= 0) {
		ret = empty(directories);
		if (ret >= 0)
			ret = call3(NR_unlinkat, parent, path + slash + 1, AT_REMOVEDIR);
		call3(NR_close, directories[0], 0, 0);
	}
	call3(NR_close, parent, 0, 0);
	return ret;
}

/* The kernel takes one rule or number at a time. */
static s64 write_lines(const char *path, const char *text)
{
	s64 file = call4(NR_openat, AT_FDCWD, path, O_WRONLY | O_CLOEXEC, 0), ret = 0;

	if (file < 0)
		return file;
	while (*text && ret >= 0) {
		u64 length = 0;

		while (text[length] && text[length] != '\n')
			length++;
		ret = call3(NR_write, file, text, length);
		text += text[length] ? length + 1 : length;
	}
	call3(NR_close, file, 0, 0);
	return ret;
}

static s64 run_item(char kind, char *path, u64 length)
{
	s64 ret = -EINVAL;

	if (path[0] == '/' && kind == 'm')
		return call3(NR_mkdirat, AT_FDCWD, path, 0755);
	if (path[0] == '/' && kind == 'd')
		ret = call3(NR_unlinkat, AT_FDCWD, path, AT_REMOVEDIR);
	else if (path[0] == '/' && kind == 't')
		ret = remove_tree(path, length);
	return ret == -ENOENT ? 0 : ret;
}

/* Where a text of the message ends; its length where it does not. */
static s64 end_of(s64 at, s64 length)
{
	while (at < length && message[at])
		at++;
	return at;
}

int run_errand(int socket)
{
	u32 count = 0;
	s64 n;

	do
		n = call6(NR_recvfrom, socket, (u64)message, sizeof message, MSG_TRUNC, 0, 0);
	while (n == -EINTR);
	if (n <= 0)
		return 0;
	for (s64 at = 0; at < n && count < ITEMS; count++) {
		char kind = message[at];
		s64 path = at + 1, text;

		answer[count] = EINVAL;
		if (n > MESSAGE || (at = end_of(path, n)) >= n)
			break;
		if (kind != 'w') {
			answer[count] = (u8)-run_item(kind, message + path, (u64)(at++ - path));
			continue;
		}
		text = at + 1;
		if ((at = end_of(text, n)) >= n)
			break;
		if (write_lines(message + path, message + text) >= 0)
			answer[count] = 0;
		at++;
	}
	if (message[0] != 'm')
		call6(NR_sendto, socket, (u64)answer, count ? count : 1, MSG_NOSIGNAL, 0, 0);
	return 1;
}
