import { hasCode } from '../kernel/error.js';
import { findContainer } from './find.js';
import { isAlive } from './process-identity.js';
import { type ContainerRecord, containerDirectory, containerIds, readRecord } from './record.js';
import { type RunState, readRunState } from './run-state.js';

/** `restarting`: it ended, and its monitor waits before it is started again. */
export type ContainerStateName = 'creating' | 'created' | 'running' | 'paused' | 'restarting' | 'exited' | 'removing';

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
  visitRecords(root, (record, directory) => found.push(currentState(record, directory)), onError);
  return found.sort((a, b) => (a.record.created < b.record.created ? 1 : -1));
}

/**
 * Shows all records, in no order, one at a time: who keeps little of each spares V8 copying thousands.
 * @param onError is told of each that cannot be read, and of what the visitor throws
 */
export function visitRecords(
  root: string,
  visit: (record: ContainerRecord, directory: string) => void,
  onError: (error: Error, id: string) => void,
): void {
  for (const id of containerIds(root)) {
    try {
      const directory = containerDirectory(root, id);
      const record = readRecord(directory);
      if (record) visit(record, directory);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) onError(error as Error, id);
    }
  }
}

/** How the last run ended. */
type End = Pick<ContainerState, 'unsettled' | 'exitCode' | 'finished' | 'oomKilled'>;

/** What became of a container since its record was written. */
export function currentState(record: ContainerRecord, directory: string): ContainerState {
  if (record.status !== 'running') return stateOf(record, directory, record.status, noted(record));
  const { process, owner } = record;
  const running = record.paused ? 'paused' : 'running';
  // First, because a list asks thousands, and most of those run: how it ended is a file more to read.
  if (process && isAlive(process)) return stateOf(record, directory, running, undefined);
  const run = record.monitored ? readRunState(directory) : undefined;
  if (run && run.phase !== 'running') {
    const restarting = run.phase === 'waiting' && owner !== undefined && isAlive(owner);
    return stateOf(record, directory, restarting ? 'restarting' : 'exited', told(run, !restarting));
  }
  // Its owner notes the end a moment after it: until then nobody knows how it ended.
  if (owner && isAlive(owner)) return stateOf(record, directory, running, undefined);
  return stateOf(record, directory, 'exited', { ...noted(record), unsettled: true, exitCode: KILLED });
}

/** One literal, without spreads: a list makes thousands. */
function stateOf(
  record: ContainerRecord,
  directory: string,
  state: ContainerStateName,
  end: End | undefined,
): ContainerState {
  return {
    record,
    directory,
    state,
    pid: end ? undefined : record.process?.pid,
    unsettled: end?.unsettled ?? false,
    exitCode: end?.exitCode,
    finished: end?.finished,
    oomKilled: end?.oomKilled ?? record.oomKilled ?? false,
  };
}

/** The end as the record has it. */
function noted({ exitCode, finished, oomKilled = false }: ContainerRecord): End {
  return { unsettled: false, exitCode, finished: finished === undefined ? undefined : Date.parse(finished), oomKilled };
}

/** The end as the monitor told it. */
function told({ exitCode, signal, endedAt, memoryEvents }: RunState, unsettled: boolean): End {
  const status = exitCode ?? 128 + (signal ?? 0);
  return { unsettled, exitCode: status, finished: endedAt, oomKilled: wasOomKilled(memoryEvents) };
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
