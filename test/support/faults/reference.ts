import type { Op } from '../../../core/program/op.js';
import { original } from './host-calls.js';
import { judge } from './judge.js';
import type { Lab, Outcome } from './lab.js';
import { executedOps, opCount, traced } from './program-image.js';

/** A launch without faults: what every one that succeeds must be like, and what there is that can fail. */
export interface Reference {
  readonly outcome: Outcome;
  /** Keys of its host calls. */
  readonly calls: readonly string[];
  /** The ops that are executed, by name: their indexes. */
  readonly ops: ReadonlyMap<string, number>;
}

/** Looks at two launches, which must be alike; the first also loads what is loaded once. */
export async function takeReference(lab: Lab): Promise<Reference> {
  const first = await lab.launch({});
  const calls: string[] = [];
  let program: number | undefined;
  let executed: number[] = [];
  let count = 0;
  const outcome = await lab.launch({
    onPoint: ({ key }) => void calls.push(key),
    onProgram: (bytes, fd) => {
      program ??= original.openSync(`/proc/self/fd/${fd}`, 'r');
      count = opCount(bytes);
      return traced(bytes);
    },
    onRunning: () => {
      if (program === undefined) return;
      executed = executedOps(readWhole(program, original.fstatSync(program).size));
      original.closeSync(program);
    },
  });
  if (outcome.error) throw outcome.error;
  const wrong = judge(first, outcome, '');
  if (wrong.length > 0) throw new Error(`two launches without a fault differ: ${wrong.join('; ')}`);
  const names = namesOf(await lab.plannedOps(), count);
  return { outcome, calls, ops: new Map(executed.map((index) => [names[index] as string, index])) };
}

/** Names that are the same in another program with the same op, wherever it stands there. */
function namesOf(ops: readonly Op[], count: number): string[] {
  if (ops.length !== count) throw new Error(`a plan has ${ops.length} ops, a launch ${count}`);
  const seen = new Map<string, number>();
  return ops.map(({ plugin, name, note = '' }) => {
    const what = `${name} ${note} of ${plugin}`.replace(/[0-9a-f]{64}/g, 'ID').replace(/\S*tsbox-test-\S+/g, 'PATH');
    seen.set(what, (seen.get(what) ?? 0) + 1);
    return `${what} #${seen.get(what)}`;
  });
}

/** The first bytes of a file that is open, wherever an earlier reading ended. */
export function readWhole(fd: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  original.readSync(fd, bytes, 0, length, 0);
  return bytes;
}
