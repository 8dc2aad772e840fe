import { closeSync, constants, fstatSync, mkdirSync, openSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { realtimeNow } from '../kernel/clock.js';
import { hasCode } from '../kernel/error.js';
import type { Gate } from '../kernel/gate.js';

export type EventType = 'container' | 'image' | 'network' | 'volume';

/** Something that happened: one line of `<runroot>/events/events.jsonl`. */
export interface EngineEvent {
  readonly type: EventType;
  /** docker's words: `create`, `start`, `die`, `exec_create: sh -c true`. */
  readonly action: string;
  /** Id of the container, network or image; name of the volume. */
  readonly id: string;
  /** name, image, exitCode, signal …; the labels of a container among them. */
  readonly attributes: Readonly<Record<string, string>>;
  /** Since 1970. */
  readonly timeNano: bigint;
}

export interface EventContext {
  readonly gate: Gate;
  readonly runroot: string;
}

/**
 * The file only grows, and its beginning is given back to the file system: whoever follows it, or holds
 * it open to append to it, never has to look for another one. What is kept is the chunk that is being
 * filled and the one before it.
 */
export const EVENTS_CHUNK = 4 * 2 ** 20;

/** FALLOC_FL_KEEP_SIZE and FALLOC_FL_PUNCH_HOLE of fallocate(2). */
const PUNCH_HOLE = 0x01 | 0x02;
/** Of st_blocks. */
const BLOCK = 512;

/** Where a reader begins in a file of so many bytes: what lies before may be gone. */
export function eventsStart(size: number): number {
  return Math.max(0, (Math.floor(size / EVENTS_CHUNK) - 1) * EVENTS_CHUNK);
}

export function eventsPath(runroot: string): string {
  return join(runroot, 'events', 'events.jsonl');
}

/** Tells whoever listens. Never a reason to fail: what cannot be written is dropped. */
export function appendEvent(context: EventContext, ...events: readonly Omit<EngineEvent, 'timeNano'>[]): void {
  const file = new EventsFile(context);
  file.append(...events);
  file.close();
}

/** The file as somebody has it open who appends to it often. */
export class EventsFile {
  #file: number | undefined;

  constructor(readonly context: EventContext) {}

  append(...events: readonly Omit<EngineEvent, 'timeNano'>[]): void {
    const { gate, runroot } = this.context;
    try {
      // It is never replaced, but a runroot can be removed as a whole, and made anew.
      if (this.#file !== undefined && fstatSync(this.#file).nlink === 0) this.close();
      this.#file ??= eventsFile(runroot);
      if (this.#file === undefined) return;
      const lines = events.map(({ type, action, id, attributes }) =>
        JSON.stringify({ type, action, id, attributes, timeNano: String(nanosecondsNow(gate)) }),
      );
      // The one before may have been cut by a full disk: it ends here, in any case.
      writeSync(this.#file, `\n${lines.join('\n')}\n`);
      giveBack(this.#file, gate);
    } catch {
      // A full disk, a read-only runroot.
    }
  }

  close(): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}

/** The file, open to append to it; undefined where that cannot be. */
export function eventsFile(runroot: string): number | undefined {
  const path = eventsPath(runroot);
  const flags = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT;
  try {
    return openSync(path, flags, 0o600);
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) return undefined;
  }
  try {
    mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
    return openSync(path, flags, 0o600);
  } catch {
    return undefined;
  }
}

/**
 * What a monitor appends when its container has ended: `before`, the exit status, `between`, nanoseconds
 * since 1970, `after`, which is one whole line.
 */
export function dieEventParts(
  id: string,
  name: string,
  image: string,
  labels: Readonly<Record<string, string>>,
): { before: string; between: string; after: string } {
  const attributes = JSON.stringify({ ...labels, image, name }).slice(0, -1);
  const head = `"type":"container","action":"die","id":${JSON.stringify(id)}`;
  return { before: `\n{${head},"attributes":${attributes},"exitCode":"`, between: '"},"timeNano":"', after: '"}\n' };
}

/** An event of a container: docker has its labels, image and name among the attributes. */
export function containerEvent(
  action: string,
  container: {
    readonly id: string;
    readonly name: string;
    readonly image: string;
    readonly labels: Readonly<Record<string, string>>;
  },
  more: Readonly<Record<string, string>> = {},
): Omit<EngineEvent, 'timeNano'> {
  const { id, name, image, labels } = container;
  return { type: 'container', action, id, attributes: { ...labels, ...more, image, name } };
}

/** Takes what no reader looks at from the file system. Some cannot do that: there it stays until a reboot. */
function giveBack(file: number, gate: Gate): void {
  const { size, blocks } = fstatSync(file);
  const start = eventsStart(size);
  if (start > 0 && blocks * BLOCK > 3 * EVENTS_CHUNK) gate.attempt('fallocate', file, PUNCH_HOLE, 0, start);
}

let last = 0n;

/** Later than the one before it. */
function nanosecondsNow(gate: Gate): bigint {
  const nanoseconds = realtimeNow(gate);
  last = nanoseconds > last ? nanoseconds : last + 1n;
  return last;
}
