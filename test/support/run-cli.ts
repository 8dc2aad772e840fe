import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:os';
import { CLI, PACKAGE } from './package-paths.js';

export { CLI } from './package-paths.js';
export const REPOSITORY = PACKAGE;

export interface CliOptions {
  readonly input?: string | Uint8Array;
  /** Added to this process's environment; undefined removes. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  /** Whom it runs as; only root can choose. */
  readonly user?: { readonly uid: number; readonly gid: number };
  /** Gives it a terminal; stderr is then in stdout, and lines end in CR LF. */
  readonly pty?: boolean;
  /** Milliseconds after which it is killed and the result rejected. Default 50 000. */
  readonly timeout?: number;
}

export interface CliResult {
  /** Exit status, or 128 + signal, as a shell has it. */
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs `node dist/cli.cjs ARGS` to its end. */
export function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = startCli(args, options);
  child.stdin?.on('error', () => {}); // it may end without reading all of it
  child.stdin?.end(options.input ?? '');
  return finished(child, args, options.timeout ?? 50_000);
}

/** Starts it; the caller talks to it and waits with {@link finished}. */
export function startCli(args: readonly string[], options: CliOptions = {}): ChildProcess {
  // As its first line does it: without `--` Node 20 takes `--env-file` for its own.
  const command = [process.execPath, '--', CLI, ...args];
  const [program, ...rest] = options.pty ? ['script', '-qefc', command.map(quote).join(' '), '/dev/null'] : command;
  return spawn(program as string, rest, {
    cwd: options.cwd ?? REPOSITORY,
    env: { ...withoutRunner(process.env), ...options.env },
    stdio: 'pipe',
    ...options.user,
  });
}

/** Collects what it prints, until it has ended and its pipes are closed. */
export function finished(child: ChildProcess, args: readonly string[] = [], timeout = 50_000): Promise<CliResult> {
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
    });
  }
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`tsbox ${args.join(' ')} took longer than ${timeout} ms\n${output.stdout}${output.stderr}`));
    }, timeout);
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ status: code ?? 128 + constants.signals[signal as NodeJS.Signals], ...output });
    });
  });
}

/** What the test runner sets for its own processes would change how node and tsbox behave. */
function withoutRunner(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const { NODE_ENV, NODE_OPTIONS, NODE_V8_COVERAGE, VITEST, FORCE_COLOR, NO_COLOR, ...rest } = env;
  return rest;
}

export function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
