import type { Command } from 'commander';
import type { Attachment } from '../core/containers/attach.js';
import type { Engine, WatchedContainer } from '../core/engine/index.js';
import type { Spec } from '../core/plugin/spec.js';
import { withCidFile } from './cid-file.js';
import { DetachKeys, parseDetachKeys } from './detach-keys.js';
import { openSession } from './engine.js';
import { readGlobals } from './globals.js';
import { printError } from './output.js';
import type { RunRequest } from './run-request.js';
import { SignalForwarder } from './signals.js';
import { CallerTerminal, checkTerminal, terminalSize } from './terminal.js';

/** Flags of `attach`. */
export interface AttachFlags {
  readonly stdin?: boolean;
  readonly sigProxy?: boolean | string;
  readonly detachKeys?: string;
}

interface JoinOptions {
  readonly stdin: boolean;
  readonly signals: boolean;
  readonly keys: readonly number[];
  /** Output from then on. */
  readonly since?: bigint;
  /** It was started for this, and waits until it was joined. */
  readonly started?: WatchedContainer | undefined;
}

/** `run` of a container that a monitor watches: started, and joined from its first moment on. */
export async function runAttached(request: RunRequest): Promise<number> {
  const { engine, spec, cidFile, interactive, detachKeys, onTrace } = request;
  const keys = parseDetachKeys(detachKeys);
  if (spec.tty) checkTerminal(interactive);
  const since = BigInt(Date.now()) * 1_000_000n;
  const options = { patienceMs: 100, hold: true, ...(onTrace && { onTrace }) };
  const started = await withCidFile(cidFile, () => engine.runWatched(sized(spec), options));
  return joined(engine, started.id, { stdin: interactive, signals: true, keys, since, started });
}

/** `start -a`: one container, joined from its first moment on. */
export async function startAttached(
  names: readonly string[],
  flags: { readonly interactive?: boolean; readonly detachKeys?: string },
  parsed: Command,
): Promise<number> {
  const { startContainer } = await import('../core/containers/start.js');
  const { TsboxError } = await import('../core/plugin/error.js');
  if (names.length > 1)
    throw new TsboxError('ERR_TSBOX_USAGE', {
      what: 'cannot start and attach several containers at once',
      why: 'there is one terminal',
      fix: 'tsbox start NAME..., then tsbox attach NAME',
    });
  const name = names[0] as string;
  const keys = parseDetachKeys(flags.detachKeys);
  const { engine } = await openSession(readGlobals(parsed, process.env));
  const since = BigInt(Date.now()) * 1_000_000n;
  const size = terminalSize();
  const options = { patienceMs: 100, hold: true, ...(size && { spec: { terminalSize: size } }) };
  const started = await startContainer(engine, name, options);
  return joined(engine, name, { stdin: flags.interactive ?? false, signals: true, keys, since, started });
}

/** `attach`. */
export async function attachRunning(name: string, flags: AttachFlags, parsed: Command): Promise<number> {
  const keys = parseDetachKeys(flags.detachKeys);
  const { engine } = await openSession(readGlobals(parsed, process.env));
  const signals = flags.sigProxy !== 'false' && flags.sigProxy !== false;
  return joined(engine, name, { stdin: flags.stdin !== false, signals, keys });
}

async function joined(engine: Engine, name: string, options: JoinOptions): Promise<number> {
  const { attachContainer } = await import('../core/containers/attach.js');
  const { attendRun } = await import('../core/containers/attend.js');
  const { stdin, since, started } = options;
  const attending = started && attendRun(engine, name);
  const attachment = await attachContainer(engine, name, { stdin, ...(since !== undefined && { since }) }).finally(() =>
    started?.ready(),
  );
  const signals = new SignalForwarder();
  const terminal = attachment.tty ? new CallerTerminal(engine.gate, stdin) : undefined;
  let left = false;
  const leave = () => {
    left = true;
    attachment.close();
  };
  try {
    if (options.signals) signals.attach(attachment);
    const keys = new DetachKeys(options.keys, leave);
    if (terminal) terminal.attach({ ...attachment, stdin: attachment.stdin && keys });
    else plainStreams(attachment);
    if (terminal && attachment.stdin) keys.pipe(attachment.stdin);
    const { exitCode, oomKilled } = await attachment.ended;
    await ended(attachment);
    if (oomKilled) printError('tsbox: out of memory: the kernel killed a process of the container\n');
    return exitCode;
  } catch (error) {
    if (!left) throw error;
    terminal?.restore();
    await attending?.leave();
    printError('tsbox: detached; the container goes on\n');
    return 0;
  } finally {
    terminal?.restore();
    signals.close();
    attachment.close();
    await engine.close();
    // A read of our stdin cannot be called off.
    process.stdin.destroy();
  }
}

function plainStreams({ stdin, stdout, stderr }: Attachment): void {
  stdout.pipe(process.stdout, { end: false });
  stderr?.pipe(process.stderr, { end: false });
  if (stdin) process.stdin.pipe(stdin);
}

async function ended({ stdout, stderr }: Attachment): Promise<void> {
  for (const stream of [stdout, stderr]) {
    if (stream && !stream.readableEnded) await new Promise((resolve) => stream.once('end', resolve));
  }
}

function sized(spec: Spec): Spec {
  const size = terminalSize();
  return spec.tty && size ? { ...spec, terminalSize: size } : spec;
}
