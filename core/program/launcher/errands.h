/* What the launcher that waits makes and removes for its engine: errands.c. */
#ifndef ERRANDS_H
#define ERRANDS_H

/* Takes one message from the socket and answers it; 0 when there will be no more. */
int run_errand(int socket);
#endif
