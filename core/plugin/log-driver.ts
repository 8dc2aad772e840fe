import type { Driver } from './driver.js';
import type { Launch } from './launch.js';

/**
 * Takes the output of a detached container, beside the built-in `file` and `none`: `--log-driver`. The command's
 * stdout and stderr are the driver's own descriptors, so nothing of tsbox stands between them; a container with a
 * terminal is refused, because its terminal is one descriptor that the monitor reads.
 */
export interface LogDriver extends Driver {
  readonly capabilities: {
    /** Keys of `--log-opt` that it knows, in `launch.spec.log.options`; others are refused. */
    readonly options: readonly string[];
  };
  /**
   * Before the clone, and again at each start: opens what the output goes to. The engine closes both when the
   * container has them, and when the launch fails. What it makes on the host it makes in steps.
   */
  open(launch: Launch): Promise<LogStreams>;
  /**
   * What was written, for `logs`, the oldest first. A driver without it keeps no log here.
   * @param container running or not
   */
  read?(container: LoggedContainer): AsyncIterable<LoggedText>;
}

/** Descriptors that are open for writing; they may be one and the same. */
export interface LogStreams {
  readonly stdout: number;
  readonly stderr: number;
}

export interface LoggedContainer {
  readonly id: string;
  readonly name: string;
  /** `<root>/containers/<id>`. */
  readonly directory: string;
}

export interface LoggedText {
  readonly stream: 'stdout' | 'stderr';
  readonly text: Uint8Array;
  /** Nanoseconds since 1970, where it is known. */
  readonly time?: bigint;
}
