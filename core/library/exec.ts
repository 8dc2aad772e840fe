import { type ExecSettings, resolveExec } from '../config/resolve-exec.js';
import type { ExecOptions, StdioOptions } from '../engine/index.js';

/** A command in a container that runs, with the names and value forms of the command line: `user: 'alice'`. */
export interface BoxExecOptions extends Omit<ExecSettings, 'detach' | 'detachKeys' | 'interactive'> {
  readonly command: readonly string[];
  /** Kills the command when it is over: `10s`, or milliseconds. */
  readonly timeout?: string | number;
  /** Default `pipe`: the streams are in `stdin`, `stdout`, `stderr`. */
  readonly stdio?: StdioOptions;
  /** In characters; with `tty`. */
  readonly terminalSize?: { readonly columns: number; readonly rows: number };
  /** Kills the command. */
  readonly signal?: AbortSignal;
}

/** Parsed and checked as the command line's. @throws TsboxError naming the option, the value and a fix */
export function readExecOptions(options: BoxExecOptions): ExecOptions {
  const { command, stdio = 'pipe', terminalSize, signal, timeout: _, ...values } = options;
  const { env, user, workdir, tty, privileged } = resolveExec(
    { kind: 'library', directory: process.cwd(), values },
    process.env,
  );
  return {
    command,
    stdio,
    env,
    tty,
    privileged,
    ...(user !== undefined && { user }),
    ...(workdir !== undefined && { workdir }),
    ...(terminalSize && { terminalSize }),
    ...(signal && { signal }),
  };
}
