/** ioctl_tty(2). */
export const TIOCSCTTY = 0x540e;
/** Opens the other side of a pty by its master's descriptor, without a path (Linux 4.13). */
export const TIOCGPTPEER = 0x5441;
/** Unlocks the other side: takes a pointer to 0. */
export const TIOCSPTLCK = 0x40045431;
/** Sets the size: takes `struct winsize`, four 16-bit numbers of which the first two are rows and columns. */
export const TIOCSWINSZ = 0x5414;
