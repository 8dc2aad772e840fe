/* A launcher that waits for its programs: ready.c. */
#ifndef READY_H
#define READY_H

/* Makes a stage one for each message; returns in each of those, with its descriptors in place. */
void serve(void);
#endif
