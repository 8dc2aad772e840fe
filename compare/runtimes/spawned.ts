import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { promisify } from 'node:util';

const LONGEST_MS = 60_000;
const LAST_WORDS = 1_000;

/** Programs that are started, each one container. */
export class Spawned {
  readonly #running = new Set<ChildProcess>();
  readonly #signal: AbortSignal | undefined;

  /** @param signal kills those that run, and lets no other start */
  constructor(signal?: AbortSignal) {
    this.#signal = signal;
  }

  /**
   * Runs a program to its end.
   * @param heard is called at the first byte of its output
   * @throws Error with what it said on stderr, when it does not end with 0
   */
  async run(program: string, args: readonly string[], heard?: () => void): Promise<void> {
    this.#signal?.throwIfAborted();
    const child = spawn(program, args, {
      stdio: ['ignore', heard ? 'pipe' : 'ignore', 'pipe'],
      timeout: LONGEST_MS,
      killSignal: 'SIGKILL',
    });
    const kill = () => void child.kill('SIGKILL');
    this.#running.add(child);
    this.#signal?.addEventListener('abort', kill, { once: true });
    const listened = child.stdout && heard && listenTo(child.stdout, heard);
    try {
      await succeeded(child, program);
      await listened;
    } finally {
      this.#running.delete(child);
      this.#signal?.removeEventListener('abort', kill);
    }
  }

  /** Kills those that have not ended. */
  async close(): Promise<void> {
    const ended = [...this.#running].map((child) => new Promise((resolve) => child.once('exit', resolve)));
    for (const child of this.#running) child.kill('SIGKILL');
    await Promise.all(ended);
  }
}

/** Reads all that comes; what came last may be read after the end of the process. */
export function listenTo(output: NodeJS.ReadableStream, heard: () => void): Promise<void> {
  output.once('data', heard).on('data', () => {});
  return new Promise((resolve) => output.once('close', resolve));
}

function succeeded(child: ChildProcess, program: string): Promise<void> {
  let said = '';
  child.stderr?.on('data', (data) => {
    said = (said + String(data)).slice(-LAST_WORDS);
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status, signal) => {
      if (status === 0) return resolve();
      // What it said may not all be here yet.
      child.once('close', () => reject(new Error(`${program} ended with ${signal ?? status}: ${lastLine(said)}`)));
    });
  });
}

export function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}

const execute = promisify(execFile);

/** What a program prints that is only asked; it gets a few seconds. @throws Error with what it said */
export async function output(program: string, args: readonly string[], timeout = 5_000): Promise<string> {
  try {
    const { stdout } = await execute(program, args, { timeout, killSignal: 'SIGKILL', maxBuffer: 2 ** 26 });
    return stdout.trim();
  } catch (error) {
    const { stderr, message } = error as { readonly stderr?: string; readonly message: string };
    throw new Error(`${program} ${args[0] ?? ''}: ${lastLine(stderr || message)}`, { cause: error });
  }
}
