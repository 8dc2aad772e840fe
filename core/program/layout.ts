/**
 * How a program lies in memory; launcher.c has the same structures, and the two change together.
 * All numbers are little-endian; both architectures are.
 */

/** Where the program is mapped: below 2^39, the smallest arm64 address space. */
export const BASE = 0x10_0000_0000n;
export const MAGIC = 0x31786f6273740a7fn;
/** The descriptors that the launcher is started with, after stdio. */
export const PROGRAM_FD = 3;
export const CONTROL_FD = 4;
/** The first descriptor that a launch may add for itself. */
export const FIRST_EXTRA_FD = 5;
/** With a terminal: the socket over which the child sends the master of its pty. */
export const TTY_SOCKET_FD = FIRST_EXTRA_FD;

export const KINDS = { syscall: 0, clone: 1, barrier: 2, expect: 3, copy: 4, init: 5, fail: 6, enter: 7 } as const;
export const FLAG_STORE32 = 1 << 6;
export const FLAG_LAST = 1 << 7;
export const PROGRAM_TRACED = 1;

export const HEADER = {
  magic: 0,
  count: 8,
  flags: 12,
  current: 16,
  failed: 20,
  error: 24,
  child: 28,
  startNs: 32,
  startCycles: 40,
  endNs: 48,
  endCycles: 56,
  ops: 64,
  times: 72,
  outcomes: 80,
  monitor: 88,
  /** Pid of the monitor, which a clone op with a third argument made. */
  watcher: 96,
  size: 104,
} as const;

/** Where the kernel itself writes the child's pid (CLONE_PARENT_SETTID): it is there before the child's first step. */
export const CHILD_ADDRESS = BASE + BigInt(HEADER.child);

export const OP = {
  kind: 0,
  flags: 2,
  number: 4,
  args: 8,
  result: 56,
  tolerated: 64,
  skipOnError: 72,
  skipOnSuccess: 74,
  reserved: 76,
  size: 80,
} as const;

/** What stage one does after the clone (monitor.h); descriptors are signed, -1 where there is none. */
export const MONITOR = {
  length: 0,
  state: 4,
  memoryEvents: 8,
  log: 12,
  stdout: 16,
  stderr: 20,
  stdin: 24,
  input: 28,
  alive: 32,
  terminal: 36,
  event: 40,
  afterStderr: 44,
  ready: 48,
  logSize: 56,
  logFiles: 64,
  argv: 68,
  env: 72,
  eventBefore: 76,
  eventBetween: 80,
  eventAfter: 84,
  timeout: 88,
  successDelay: 96,
  failureDelay: 104,
  steady: 112,
  steadyDelay: 120,
  size: 128,
  /** With its texts. */
  largest: 16384,
} as const;
