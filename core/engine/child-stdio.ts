/** What a child is given as descriptors, whoever holds the other ends. */
export interface ChildStdio {
  /** What it gets as 0, 1 and 2. */
  readonly childFds: readonly [number, number, number];
  /** What it gets as 5 and up; the first is the socket for its terminal, if it has one. */
  readonly extra: readonly number[];
  /** The launcher has been started: what only it needs is closed here, so that end of file can come. */
  started(): void;
  /** The command runs: with a terminal, its pty has been sent. */
  takeTerminal(): void;
  /** The launch failed: nobody will read or write any more. */
  destroy(): void;
}
