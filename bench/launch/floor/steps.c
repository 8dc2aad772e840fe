/* What the engine does before the clone, and after the end: one line of STEPS each. */
#include "floor.h"
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char **lines;
int line_count;

void read_lines(const char *path)
{
	char *line = NULL;
	size_t capacity = 0;
	FILE *f = fopen(path, "re");

	lines = calloc(4096, sizeof *lines);
	while (f && line_count < 4096 && getline(&line, &capacity, f) > 0) {
		line[strcspn(line, "\n")] = 0;
		lines[line_count++] = strdup(line);
	}
	if (!f)
		perror(path), exit(2);
	fclose(f);
}

static void set(char *path)
{
	char *value = strchr(path, ' ');
	*value = 0;
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, value + 1, strlen(value + 1)) < 0)
		perror(path), exit(1);
	close(fd);
	*value = ' ';
}

/* `parent` and `set` are done once, before the first launch. */
void once_and_for_all(char kind)
{
	for (int i = 0; i < line_count; i++) {
		char *rest = strchr(lines[i], ' ') + 1;
		if (lines[i][0] != kind)
			continue;
		if (kind == 's')
			set(rest);
		else if (mkdir(rest, 0755) && errno != EEXIST)
			perror(rest), exit(1);
	}
}

void steps(void)
{
	for (int i = 0; i < line_count; i++) {
		char *path = strchr(lines[i], ' ') + 1;
		if (lines[i][0] == 'm') {
			/* The last container of an engine takes the parents along. */
			if (mkdir(path, 0755) && errno == ENOENT) {
				once_and_for_all('p');
				once_and_for_all('s');
				if (mkdir(path, 0755))
					perror(path), exit(1);
			}
		} else if (lines[i][0] == 'w') {
			static const char text[200] = "127.0.0.1\tlocalhost\n";
			int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
			if (fd < 0 || write(fd, text, sizeof text) < 0)
				perror(path), exit(1);
			close(fd);
		}
	}
	for (int i = 0; i < line_count; i++)
		if (lines[i][0] == 'l')
			set(strchr(lines[i], ' ') + 1);
}

/* What overlay makes in its work directory; a volatile one says so there. */
static void remove_work(const char *directory)
{
	static const char *const made[] = {"/work/incompat/volatile/dirty", "/work/incompat/volatile", "/work/incompat", "/work"};
	char path[4200];

	if (strcmp(directory + strlen(directory) - 5, "/work"))
		return;
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof path, "%s%s", directory, made[i]);
		remove(path);
	}
}

void undo_steps(void)
{
	for (int i = line_count - 1; i >= 0; i--) {
		char *name = strchr(lines[i], ' ') + 1;
		if (lines[i][0] != 'm' && lines[i][0] != 'w')
			continue;
		if (lines[i][0] == 'm' && strncmp(name, "/sys/", 5))
			remove_work(name);
		/* A cgroup stays busy until the last of its processes is reaped everywhere. */
		while (lines[i][0] == 'm' && rmdir(name) && errno == EBUSY)
			;
		if (lines[i][0] == 'w')
			unlink(name);
	}
}
