import { join } from 'node:path';
import { PassThrough, type Readable, Writable } from 'node:stream';
import type { Engine } from '../engine/index.js';
import { hasCode } from '../kernel/error.js';
import { followLog } from '../log/index.js';
import { connectInput, type InputConnection } from '../monitor/input.js';
import { TsboxError } from '../plugin/error.js';
import { type ContainerState, requireContainer } from '../state/containers.js';
import { liveDirectory } from '../state/live.js';
import { readDetails } from '../state/record.js';
import { notRunning } from './not-running.js';
import { signalProcess } from './signal.js';
import { type EndOfRun, waitContainer } from './wait.js';

export interface AttachOptions {
  /** Join its input, where it has one. */
  readonly stdin?: boolean;
  /** Nanoseconds since 1970: output from then on; default: from now on. */
  readonly since?: bigint;
}

/** The streams of a container that a monitor watches. Leaving it leaves the container running. */
export interface Attachment {
  readonly id: string;
  /** It has a terminal: one stream, raw keys. */
  readonly tty: boolean;
  readonly stdin: Writable | undefined;
  readonly stdout: Readable;
  /** Undefined with a terminal. */
  readonly stderr: Readable | undefined;
  /** @returns false when it has ended */
  kill(signal: number): boolean;
  resize(columns: number, rows: number): void;
  /** How its run ends; rejects when {@link close} comes first. */
  readonly ended: Promise<EndOfRun>;
  close(): void;
}

/**
 * Joins a running container. Its output is read where the monitor writes it: whoever reads slowly, or
 * stops, holds nobody up. @throws TsboxError when it does not run, or ran in somebody's foreground
 */
export async function attachContainer(
  engine: Engine,
  reference: string,
  options: AttachOptions = {},
): Promise<Attachment> {
  const container = requireContainer(engine.paths.root, reference);
  if (container.state === 'paused') throw paused(reference);
  if (container.state !== 'running' && options.since === undefined)
    throw notRunning(reference, 'attach to', container.state);
  const { spec } = readDetails(container.directory);
  if (!container.record.monitored) throw foreground(reference);
  if (spec.log.driver !== 'file') throw noLog(reference, spec.log.driver);
  const closing = new AbortController();
  const input = options.stdin || spec.tty ? await inputOf(engine, container) : undefined;
  const stdout = new PassThrough();
  const stderr = spec.tty ? undefined : new PassThrough();
  let over = () => {};
  const running = new Promise<void>((resolve) => {
    over = resolve;
  });
  // From this moment, and not from when the log is open: an answer to our first input may be there by then.
  const since = options.since ?? BigInt(Date.now()) * 1_000_000n;
  const pumped = pump(container, since, { stdout, stderr, ended: running, signal: closing.signal });
  // Its log is read to the end first: with `--rm` it is gone afterwards.
  const ended = waitContainer(engine, container.record.id, closing.signal, async () => {
    over();
    await pumped;
  });
  ended.catch(over);
  return {
    id: container.record.id,
    tty: spec.tty,
    stdin: options.stdin && input ? writable(input, spec.tty) : undefined,
    stdout,
    stderr,
    kill: (signal) => container.record.process !== undefined && signalProcess(engine, container.record.process, signal),
    resize: (columns, rows) => void input?.resize(columns, rows),
    ended,
    close: () => {
      closing.abort();
      input?.close();
    },
  };
}

interface Pump {
  readonly stdout: PassThrough;
  readonly stderr: PassThrough | undefined;
  readonly ended: Promise<void>;
  readonly signal: AbortSignal;
}

async function pump(
  { directory }: ContainerState,
  since: bigint,
  { stdout, stderr, ended, signal }: Pump,
): Promise<void> {
  try {
    for await (const { stream, text } of followLog(join(directory, 'log'), { since, ended, signal })) {
      const target = stream === 'stderr' && stderr ? stderr : stdout;
      if (!target.write(text)) await Promise.race([drained(target), aborted(signal)]);
    }
  } catch (error) {
    // Gone with its container, of which everything that could be read was.
    if (!hasCode(error, 'ENOENT'))
      (stderr ?? stdout).write(`tsbox: cannot read its output: ${(error as Error).message}\n`);
  } finally {
    stdout.end();
    stderr?.end();
  }
}

function drained(stream: PassThrough): Promise<void> {
  return new Promise((resolve) => stream.once('drain', resolve));
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** Undefined where it keeps no input open, or has just ended. */
async function inputOf(engine: Engine, { record }: ContainerState): Promise<InputConnection | undefined> {
  try {
    return await connectInput(join(liveDirectory(engine.paths.runroot, record.id), 'input'));
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ECONNREFUSED')) return undefined;
    throw error;
  }
}

/** End of input is the command's end of file, unless it has a terminal, where that is a key. */
function writable(input: InputConnection, tty: boolean): Writable {
  return new Writable({
    write: (chunk: Uint8Array, _encoding, done) => void input.write(chunk).then(() => done(), done),
    final: (done) => void (tty ? Promise.resolve() : input.closeStdin()).then(() => done(), done),
  });
}

function paused(reference: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: `cannot attach to container ${reference}`,
    why: 'it is paused',
    fix: `tsbox unpause ${reference}`,
  });
}

function foreground(reference: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: `cannot attach to container ${reference}`,
    why: 'it runs in the foreground of the command that started it, and has its streams',
    fix: 'start containers to attach to with tsbox run -d',
  });
}

function noLog(reference: string, driver: string): TsboxError {
  return new TsboxError('ERR_TSBOX_CONTAINER_STATE', {
    what: `cannot attach to container ${reference}`,
    why:
      driver === 'none'
        ? 'its output is thrown away: --log-driver none'
        : `its output goes to the log driver "${driver}", which keeps no log here`,
    fix: 'start it with --log-driver file',
  });
}
