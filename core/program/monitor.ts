/**
 * What stage one does when it stays as the monitor of a detached container: monitor.c. Descriptors are
 * numbers in the launcher's own table (5 and up), close-on-exec, and closed in the container before its
 * command runs.
 */
export interface MonitorConfig {
  /** The run's state: core/state/run-state.ts has its layout. */
  readonly state: number;
  /** memory.events (v2) or memory.oom_control (v1) of the container; read once, when it has ended. */
  readonly memoryEvents?: number;
  readonly log?: {
    /** The directory that it lies in, for rotation: `log`, `log.1` … */
    readonly directory: number;
    /** Bytes of one file. */
    readonly maxSize: number;
    /** How many files are kept, `log` among them; 1 begins it anew when it is full. */
    readonly maxFiles: number;
  };
  /** Read ends of the command's output; without a terminal. */
  readonly stdout?: number;
  readonly stderr?: number;
  /** Write end of the command's input; without a terminal, and only where stdin is kept open. */
  readonly stdin?: number;
  /** A listening stream socket: whoever connects sends input, see core/monitor/input.ts. */
  readonly input?: number;
  /**
   * Read end of a pipe whose other end the engine closes when the command runs and it has said so: what
   * comes after the end of a run that is very short waits for that.
   */
  readonly ready?: number;
  /** A listening stream socket that nobody accepts from: it is closed when the run has ended and that is recorded. */
  readonly alive?: number;
  /** The socket over which the child sends the master of its terminal. */
  readonly terminal?: number;
  /** Where one line is appended when it has ended: `before`, exit status, `between`, nanoseconds since 1970, `after`. */
  readonly event?: { readonly file: number; readonly before: string; readonly between: string; readonly after: string };
  /** Kill it after so many milliseconds. */
  readonly timeoutMs?: number;
  /** The program that the monitor becomes afterwards, unless somebody takes care of it: run-state.ts. */
  readonly after?: {
    /** Absolute path first. */
    readonly argv: readonly string[];
    readonly env: readonly string[];
    /** Milliseconds to wait before it; undefined: not at all after such an end. */
    readonly successDelayMs?: number;
    readonly failureDelayMs?: number;
    /** A run that was this long waits `steadyDelayMs` instead of a longer delay. */
    readonly steadyMs: number;
    readonly steadyDelayMs: number;
    /** A file that its standard error goes to, opened for appending. */
    readonly stderr: number;
  };
}
