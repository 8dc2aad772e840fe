import { closeSync, fsyncSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import type { JsonObject } from '../plugin/launch.js';
import type { JournalEntry } from './journal.js';
import type { ProcessIdentity } from './process-identity.js';

export type ContainerStatus = 'creating' | 'running' | 'exited';

/** What is remembered of a container, in `<root>/containers/<id>/container.json`. */
export interface ContainerRecord {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  /** ISO 8601. */
  readonly created: string;
  readonly status: ContainerStatus;
  readonly process?: ProcessIdentity;
  readonly exitCode?: number;
  readonly finished?: string;
  readonly oomKilled?: boolean;
  readonly facts: JsonObject;
  /** It was started with `--rm`. */
  readonly autoRemove?: boolean;
  /** How to remove it: what belongs to the container rather than to its run, newest first. */
  readonly kept?: readonly JournalEntry[];
}

const FILE = 'container.json';

/**
 * Writes a record: temporary file, rename. `durable` also syncs, for what must survive a power cut:
 * the end of a container is that, each step of its start is not.
 */
export function writeRecord(directory: string, record: ContainerRecord, durable: boolean): void {
  const temporary = join(directory, `.${FILE}.${process.pid}`);
  const fd = openSync(temporary, 'w', 0o600);
  try {
    writeSync(fd, `${JSON.stringify(record, undefined, 2)}\n`);
    if (durable) fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  renameSync(temporary, join(directory, FILE));
}

/** The record of one container; undefined where none was written. @throws SyntaxError when it is damaged */
export function readRecord(directory: string): ContainerRecord | undefined {
  try {
    return JSON.parse(readFileSync(join(directory, FILE), 'utf8'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Ids of all containers below `<root>/containers`. */
export function containerIds(root: string): string[] {
  try {
    return readdirSync(join(root, 'containers'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw error;
  }
}
