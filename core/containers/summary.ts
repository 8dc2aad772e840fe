import type { PortSpec } from '../plugin/spec.js';
import { type ContainerState, type ContainerStateName, currentState, visitRecords } from '../state/containers.js';
import type { ContainerRecord } from '../state/record.js';

/** A container as lists show it. Times are ISO 8601. */
export interface ContainerSummary {
  /** 64 hex digits. */
  readonly id: string;
  readonly name: string;
  /** As it was asked for. */
  readonly image: string;
  readonly command: readonly string[];
  readonly created: string;
  readonly state: ContainerStateName;
  /** The first process as the host sees it, while there is one. */
  readonly pid: number | undefined;
  /** Of the last start. */
  readonly started: string | undefined;
  /** Of the last run, as a shell has it: the exit code, or 128 + signal. */
  readonly exitCode: number | undefined;
  readonly finished: string | undefined;
  readonly oomKilled: boolean;
  /** How often a restart policy started it again. */
  readonly restarts: number;
  /** Why the last start failed. */
  readonly error: string | undefined;
  readonly labels: Readonly<Record<string, string>>;
  readonly networks: readonly string[];
  /** Published ports while it runs. */
  readonly ports: readonly PortSpec[];
  readonly mounts: readonly { readonly source: string; readonly target: string }[];
  /** Only where it was asked for. */
  readonly size?: ContainerSize;
}

/** Bytes. */
export interface ContainerSize {
  /** What the container wrote. */
  readonly written: number;
  /** With its image. */
  readonly total: number;
}

/**
 * All containers, the newest first.
 * @param onError is told of each that cannot be read, which is left out
 */
export function summarizeAll(root: string, onError: (error: Error, id: string) => void): ContainerSummary[] {
  return convertAll(root, (container) => container, onError);
}

/** As {@link summarizeAll}, but keeps of each only what `convert` makes of it, and none of which it makes nothing. */
export function convertAll<Kept>(
  root: string,
  convert: (container: ContainerSummary) => Kept | undefined,
  onError: (error: Error, id: string) => void,
): Kept[] {
  const found: { readonly created: string; readonly kept: Kept }[] = [];
  const visit = (record: ContainerRecord, directory: string): void => {
    const kept = convert(summaryOfRecord(record, directory));
    if (kept !== undefined) found.push({ created: record.created, kept });
  };
  visitRecords(root, visit, onError);
  return found.sort((a, b) => (a.created < b.created ? 1 : -1)).map(({ kept }) => kept);
}

/** What has ended is as its record says: nothing else is asked, and no time is parsed. */
function summaryOfRecord(record: ContainerRecord, directory: string): ContainerSummary {
  const { status, exitCode, finished, oomKilled = false } = record;
  if (status === 'running') return summaryOf(currentState(record, directory));
  return summarize(record, status, { exitCode, finished, oomKilled });
}

export function summaryOf({ record, state, pid, exitCode, finished, oomKilled }: ContainerState): ContainerSummary {
  const ended = record.status === 'running' ? isoTime(finished) : record.finished;
  return summarize(record, state, { pid, exitCode, finished: ended, oomKilled });
}

/** What a summary says besides the record. */
interface Present {
  readonly pid?: number | undefined;
  readonly exitCode: number | undefined;
  readonly finished: string | undefined;
  readonly oomKilled: boolean;
}

function summarize(
  record: ContainerRecord,
  state: ContainerStateName,
  { pid, exitCode, finished, oomKilled }: Present,
): ContainerSummary {
  const { id, name, image, command, created, started, restarts = 0, error, labels, networks, ports, mounts } = record;
  return {
    id,
    name,
    image,
    command,
    created,
    state,
    pid,
    started,
    exitCode,
    finished,
    oomKilled,
    restarts,
    error,
    labels,
    networks,
    ports: hasProcess(state) ? ports : [],
    mounts,
  };
}

/** Running, or about to be again. */
export function isUp(state: ContainerStateName): boolean {
  return hasProcess(state) || state === 'restarting';
}

function hasProcess(state: ContainerStateName): boolean {
  return state === 'running' || state === 'paused';
}

function isoTime(milliseconds: number | undefined): string | undefined {
  return milliseconds === undefined ? undefined : new Date(milliseconds).toISOString();
}
