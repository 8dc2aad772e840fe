import { hasCode } from '../kernel/error.js';
import { findContainer } from './find.js';
import { isAlive } from './process-identity.js';
import { type ContainerRecord, containerDirectory, containerIds, readRecord } from './record.js';
import { type RunState, readRunState } from './run-state.js';

/** `restarting`: it ended, and its monitor waits before it is started again. `dead`: what is left of a launch that died. */
export type ContainerStateName = 'creating' | 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'dead';

/** A container as it is now: its record, and what became of its process since that was written. */
export interface ContainerState {
  readonly record: ContainerRecord;
  readonly directory: string;
  readonly state: ContainerStateName;
  /** The first process, while there is one. */
  readonly pid: number | undefined;
  /** The last run has ended, but nobody has taken note of it: {@link Engine.settle} does. */
  readonly unsettled: boolean;
  /** How the last run ended. */
  readonly exitCode: number | undefined;
  /** Milliseconds since 1970. */
  readonly finished: number | undefined;
  readonly oomKilled: boolean;
}

/** 128 + SIGKILL: what a container is ended with whose owner died. */
export const KILLED = 137;

/** One container by its id; undefined where there is none. @throws TsboxError ERR_TSBOX_STATE on a damaged record */
export function readContainer(root: string, id: string): ContainerState | undefined {
  const directory = containerDirectory(root, id);
  const record = readRecord(directory);
  return record && currentState(record, directory);
}

/** One container by name, id, or the beginning of an id. @throws TsboxError when it is not there or damaged */
export function requireContainer(root: string, reference: string): ContainerState {
  const id = findContainer(root, reference);
  const found = readContainer(root, id);
  if (found) return found;
  // Being made, or half removed: what there is of it says nothing yet.
  return creating(root, id);
}

/**
 * All containers, the newest first.
 * @param onError is told of each that cannot be read, which is left out
 */
export function listContainers(root: string, onError: (error: Error, id: string) => void): ContainerState[] {
  const found: ContainerState[] = [];
  for (const id of containerIds(root)) {
    try {
      const container = readContainer(root, id);
      if (container) found.push(container);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) onError(error as Error, id);
    }
  }
  return found.sort((a, b) => (a.record.created < b.record.created ? 1 : -1));
}

/** What became of a container since its record was written. */
export function currentState(record: ContainerRecord, directory: string): ContainerState {
  const base = { record, directory, pid: undefined, unsettled: false, oomKilled: record.oomKilled ?? false };
  const finished = record.finished === undefined ? undefined : Date.parse(record.finished);
  if (record.status !== 'running') return { ...base, state: record.status, exitCode: record.exitCode, finished };
  const run = record.monitored ? readRunState(directory) : undefined;
  if (run && run.phase !== 'running') return ended(base, run);
  if (record.process && isAlive(record.process)) {
    const state = record.paused ? 'paused' : 'running';
    return { ...base, state, pid: record.process.pid, exitCode: undefined, finished: undefined };
  }
  return { ...base, state: 'exited', unsettled: true, exitCode: KILLED, finished };
}

function ended(
  base: Pick<ContainerState, 'record' | 'directory' | 'pid' | 'oomKilled'>,
  run: RunState,
): ContainerState {
  const { owner } = base.record;
  const restarting = run.phase === 'waiting' && owner !== undefined && isAlive(owner);
  return {
    ...base,
    state: restarting ? 'restarting' : 'exited',
    unsettled: !restarting,
    exitCode: run.exitCode ?? 128 + (run.signal ?? 0),
    finished: run.endedAt,
    oomKilled: wasOomKilled(run.memoryEvents),
  };
}

/** memory.events of v2 and memory.oom_control of v1 both count in a line `oom_kill N`. */
export function wasOomKilled(memoryEvents: string): boolean {
  return Number(/^oom_kill (\d+)$/m.exec(memoryEvents)?.[1] ?? 0) > 0;
}

function creating(root: string, id: string): ContainerState {
  const record: ContainerRecord = {
    version: 1,
    id,
    name: '',
    image: '',
    command: [],
    created: new Date(0).toISOString(),
    status: 'creating',
    labels: {},
    networks: [],
    ports: [],
    mounts: [],
  };
  return currentState(record, containerDirectory(root, id));
}
