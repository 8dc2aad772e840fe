import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';
import { TsboxError } from '../plugin/error.js';
import type { ImageConfig } from '../plugin/image.js';
import type { JsonObject } from '../plugin/launch.js';
import type { ChosenKind, DriverKind, PortSpec, Spec } from '../plugin/spec.js';
import type { JournalEntry } from './journal.js';
import type { ProcessIdentity } from './process-identity.js';
import { replaceFile, syncIfThere } from './replace-file.js';
import { readSmallFile } from './small-file.js';
import { storageError } from './storage-error.js';

export { replaceFile } from './replace-file.js';

/**
 * `creating`: the engine that makes it still works on it, or died. `running` may be out of date: whoever
 * reads it asks {@link currentState} of containers.ts what became of the process. `removing` is half gone.
 */
export type ContainerStatus = 'creating' | 'created' | 'running' | 'exited' | 'removing';

/**
 * What lists show of a container: `<root>/containers/<id>/container.json`. Small, because a list reads
 * all of them; the rest is in {@link ContainerDetails}.
 */
export interface ContainerRecord {
  readonly version: 1;
  readonly id: string;
  readonly name: string;
  readonly image: string;
  readonly command: readonly string[];
  /** ISO 8601, as all times here. */
  readonly created: string;
  readonly status: ContainerStatus;
  /** Of the last start. */
  readonly started?: string;
  /** The first process of the last start. */
  readonly process?: ProcessIdentity;
  /** What watches that process, and ends after it: the monitor, or the engine of a container in the foreground. */
  readonly owner?: ProcessIdentity;
  /** The owner is a monitor: the container outlives the command that started it. */
  readonly monitored?: boolean;
  /** The user froze it. */
  readonly paused?: boolean;
  /** As a shell has it: the exit code, or 128 + signal. */
  readonly exitCode?: number;
  readonly finished?: string;
  readonly oomKilled?: boolean;
  /** Why the last start failed. */
  readonly error?: string;
  /** `tsbox explain ID` says more about that. */
  readonly diagnosis?: string;
  /** How often a restart policy started it again. */
  readonly restarts?: number;
  /** How many of them came in a row, each after a short run: the next delay is longer. */
  readonly quickRestarts?: number;
  /** It was started with `--rm`. */
  readonly autoRemove?: boolean;
  /** Somebody stopped it by name: `unless-stopped` heeds that. */
  readonly stoppedByUser?: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of its networks: `bridge`, `none`, `backend`. */
  readonly networks: readonly string[];
  /** Published ports while it runs. */
  readonly ports: readonly PortSpec[];
  /** Targets of its volumes and binds, with the volume's name or the bind's source. */
  readonly mounts: readonly { readonly source: string; readonly target: string }[];
}

/** What was asked for and is not had in full: the flag, and the reason in words. */
export interface DegradedRequest {
  readonly request: string;
  readonly reason: string;
}

export interface StoredDriver {
  readonly name: string;
  readonly plugin: string;
}

/** What it takes to start it again, to undo it, and to explain it: `<root>/containers/<id>/details.json`. */
export interface ContainerDetails {
  readonly version: 1;
  /** The effective spec. */
  readonly spec: Spec;
  /** The drivers that were chosen, by kind: a later start takes the same. */
  readonly drivers: { readonly [Kind in Exclude<ChosenKind, 'security'>]: StoredDriver } & {
    readonly [Kind in DriverKind]?: StoredDriver;
  };
  /** Its image as it was when the container was made. */
  readonly image: {
    readonly reference: string;
    readonly layers: readonly string[];
    readonly config: ImageConfig;
    readonly host: boolean;
  };
  readonly hostname: string;
  /** What the drivers of the last start want shown, by plugin. */
  readonly facts: JsonObject;
  /** What was not as asked, in words. */
  readonly warnings: readonly string[];
  readonly degraded?: readonly DegradedRequest[];
  /** How to remove it: what belongs to the container rather than to one run of it, newest first. */
  readonly kept: readonly JournalEntry[];
}

const RECORD = 'container.json';
const DETAILS = 'details.json';
const VERSION = 1;
const REMOVE = 'tsbox rm -f removes that container with what is left of it; a later tsbox may know the file';

/** `<root>/containers/<id>`. */
export function containerDirectory(root: string, id: string): string {
  return `${root}/containers/${id}`;
}

/**
 * Writes a record: temporary file, sync, rename. `durable` syncs, for what must survive a power cut:
 * the end of a container is that, each step of its start is not. What it then needs of its details is synced too.
 */
export function writeRecord(directory: string, record: ContainerRecord, durable: boolean): void {
  if (durable) syncIfThere(join(directory, DETAILS));
  replaceFile(directory, RECORD, record, durable);
}

export function writeDetails(directory: string, details: ContainerDetails, durable: boolean): void {
  replaceFile(directory, DETAILS, details, durable);
}

/**
 * The record of one container; undefined where none was written.
 * @throws TsboxError ERR_TSBOX_STATE, naming the file, when it is damaged or of a later tsbox
 */
export function readRecord(directory: string): ContainerRecord | undefined {
  const path = `${directory}/${RECORD}`;
  const record = readStateFile<ContainerRecord>(path, REMOVE);
  if (record && !isComplete(record)) throw damaged(path, 'something is missing in it', REMOVE);
  return record;
}

/** @throws TsboxError ERR_TSBOX_STATE, naming the file, when it is missing, damaged, or of a later tsbox */
export function readDetails(directory: string): ContainerDetails {
  const path = join(directory, DETAILS);
  const details = readStateFile<ContainerDetails>(path, REMOVE);
  if (details && !isUsable(details)) throw damaged(path, 'something is missing in it', REMOVE);
  if (details) return details;
  throw damaged(path, 'it is missing', REMOVE);
}

/** Ids of all containers below `<root>/containers`. */
export function containerIds(root: string): string[] {
  try {
    return readdirSync(join(root, 'containers'));
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return [];
    throw storageError(error, join(root, 'containers'), `cannot read ${join(root, 'containers')}`) ?? error;
  }
}

/**
 * A JSON file of ours with a `version`; undefined where there is none.
 * @param fix what mends a damaged one
 * @throws TsboxError ERR_TSBOX_STATE, naming the file
 */
export function readStateFile<Content extends { readonly version: number }>(
  path: string,
  fix = 'remove it by hand; a later tsbox may know the file',
): Content | undefined {
  let text: string;
  try {
    text = readSmallFile(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return undefined;
    if (hasCode(error, 'EISDIR')) throw damaged(path, 'it is a directory', fix);
    throw storageError(error, path, `cannot read ${path}`) ?? error;
  }
  const content = parsed(text);
  if (content === undefined) throw damaged(path, text === '' ? 'it is empty' : 'it is cut short, or no JSON', fix);
  if (content.version === VERSION) return content as Content;
  throw damaged(
    path,
    `it has version ${JSON.stringify(content.version)}; this tsbox knows ${VERSION}`,
    fix,
    'later-version',
  );
}

function isUsable({ spec, drivers, image, kept }: ContainerDetails): boolean {
  const objects = [spec, drivers, image].every((value) => typeof value === 'object' && value !== null);
  return objects && Array.isArray(kept) && Array.isArray(image.layers) && Array.isArray(spec.mounts);
}

/** What everybody who reads a record relies on. Without loops: a list asks thousands, before anything is compiled. */
function isComplete({ id, name, image, command, created, labels, ports, networks, mounts }: ContainerRecord): boolean {
  return (
    typeof id === 'string' &&
    typeof name === 'string' &&
    typeof image === 'string' &&
    typeof created === 'string' &&
    typeof labels === 'object' &&
    labels !== null &&
    Array.isArray(command) &&
    Array.isArray(ports) &&
    Array.isArray(networks) &&
    Array.isArray(mounts)
  );
}

function parsed(text: string): { readonly version?: unknown } | undefined {
  try {
    const content: unknown = JSON.parse(text);
    return typeof content === 'object' && content !== null ? content : undefined;
  } catch {
    return undefined;
  }
}

function damaged(path: string, why: string, fix: string, diagnosis?: string): TsboxError {
  return new TsboxError('ERR_TSBOX_STATE', { what: `cannot read ${path}`, why, fix, diagnosis });
}
