/** prctl(2). */
export const PR_SET_PDEATHSIG = 1;
export const PR_SET_DUMPABLE = 4;
export const PR_SET_NAME = 15;
export const PR_CAPBSET_DROP = 24;
export const PR_SET_NO_NEW_PRIVS = 38;

/** keyctl(2). */
export const KEYCTL_JOIN_SESSION_KEYRING = 1;

/** close_range(2), Linux 5.11. */
export const CLOSE_RANGE_CLOEXEC = 4;
