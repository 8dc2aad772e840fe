import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { WORKER_CODE, type WorkerAnswer, type WorkerRequest } from './worker.js';

/** More than any request may take: a worker that says nothing for so long never will. */
const SILENCE_MS = 30_000;
/** What a worker printed before it ended, in an error. */
const LAST_WORDS = 500;

/** The streams of a worker, and how it is ended. */
export interface WorkerProcess {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  end(): Promise<unknown>;
}

interface Waiting {
  readonly resolve: (answer: WorkerAnswer) => void;
  readonly reject: (error: Error) => void;
}

/** One end of the connections, wherever it runs. It is asked for one thing after the other. */
export class Actor {
  readonly #process: WorkerProcess;
  readonly #waiting: Waiting[] = [];
  #lastWords = '';
  #ended = false;

  constructor(process: WorkerProcess) {
    this.#process = process;
    process.stderr.on('data', (data) => {
      this.#lastWords = (this.#lastWords + String(data)).slice(-LAST_WORDS);
    });
    process.stdin.on('error', () => {});
    createInterface({ input: process.stdout })
      .on('line', (line) => this.#waiting.shift()?.resolve(JSON.parse(line)))
      .on('close', () => this.#end());
  }

  /** @throws Error in the worker's words */
  async ask<Value>(request: WorkerRequest): Promise<Value> {
    if (this.#ended) throw this.#gone();
    let timer: NodeJS.Timeout | undefined;
    const answer = await new Promise<WorkerAnswer>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      timer = setTimeout(() => reject(new Error(`no answer within ${SILENCE_MS / 1000} s`)), SILENCE_MS);
      this.#process.stdin.write(`${JSON.stringify(request)}\n`);
    }).finally(() => clearTimeout(timer));
    if ('error' in answer) throw new Error(answer.error);
    return answer.value as Value;
  }

  async close(): Promise<void> {
    await this.#process.end();
  }

  #end(): void {
    this.#ended = true;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#gone());
  }

  #gone(): Error {
    return new Error(`the worker has ended${this.#lastWords && `: ${this.#lastWords.trim()}`}`);
  }
}

/** A worker on the host, beside this process: both ends of a connection are then of the same kind. */
export function hostActor(): Actor {
  // What was given to this Node (an inspector, a loader) is not for that one.
  const { NODE_OPTIONS, NODE_CHANNEL_FD, ...env } = process.env;
  const child = spawn(process.execPath, ['-e', WORKER_CODE], { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const closed = once(child, 'close');
  closed.catch(() => {});
  const { stdin, stdout, stderr } = child;
  return new Actor({
    stdin,
    stdout,
    stderr,
    end: () => {
      child.kill('SIGKILL');
      return closed;
    },
  });
}
