import { errnoNumber } from '../../../core/kernel/errno.js';
import { HEADER } from '../../../core/program/layout.js';
import { errnoFor } from './errnos.js';
import { original } from './host-calls.js';
import { judge, type Told } from './judge.js';
import type { Faults, Lab, Outcome } from './lab.js';
import { executedOps, failingAt, progress, traced, waitingAt } from './program-image.js';
import type { Watchdog } from './watchdog.js';

/** What one campaign of faults against one kind of container came to. */
export interface CampaignResult {
  /** Faults that were met. */
  readonly points: number;
  /** Of them, those that the launch got over. */
  readonly survived: number;
  /** What was not as it must be, by fault. */
  readonly problems: readonly string[];
}

/** A launch without faults: what every one that succeeds must be like, and what there is that can fail. */
export interface Reference {
  readonly outcome: Outcome;
  /** Keys of its host calls. */
  readonly calls: readonly string[];
  /** Indexes of the ops that are executed. */
  readonly ops: readonly number[];
}

/** Looks at two launches, which must be alike; the first also loads what is loaded once. */
export async function takeReference(lab: Lab): Promise<Reference> {
  const first = await lab.launch({});
  const calls: string[] = [];
  let program: number | undefined;
  let ops: number[] = [];
  const outcome = await lab.launch({
    onPoint: ({ key }) => void calls.push(key),
    onProgram: (bytes, fd) => {
      program ??= original.openSync(`/proc/self/fd/${fd}`, 'r');
      return traced(bytes);
    },
    onRunning: () => {
      if (program === undefined) return;
      ops = executedOps(read(program, original.fstatSync(program).size));
      original.closeSync(program);
    },
  });
  if (outcome.error) throw outcome.error;
  const wrong = judge(first, outcome, '');
  if (wrong.length > 0) throw new Error(`two launches without a fault differ: ${wrong.join('; ')}`);
  return { outcome, calls, ops };
}

/** Lets every host call of a launch fail once, each in a launch of its own, up to the end of the container. */
export async function failEveryCall(lab: Lab, reference: Reference, dog: Watchdog, turn: number) {
  const campaign = new Campaign(reference, dog);
  for (const [index, key] of reference.calls.entries()) {
    const errno = errnoFor(index, turn);
    await campaign.met(`${errno} of ${key}`, errno, async (meet) =>
      lab.launch({ onPoint: (point) => (point.key === key ? meet(errno) : undefined) }),
    );
  }
  return campaign.result;
}

/** Lets every op of the child program fail. */
export async function failEveryOp(lab: Lab, reference: Reference, dog: Watchdog, turn: number) {
  const campaign = new Campaign(reference, dog);
  for (const op of reference.ops) {
    const errno = errnoFor(op, turn);
    await campaign.met(`${errno} of op ${op}`, errno, async (meet) =>
      lab.launch({ onProgram: (bytes) => failingAt(bytes, op, errnoNumber(meet(errno))) }),
    );
  }
  return campaign.result;
}

/** Lets a launch fail at its last op, and every host call of its undoing as well. */
export async function failEveryUndo(lab: Lab, reference: Reference, dog: Watchdog, turn: number) {
  const last = reference.ops.at(-1) as number;
  const failLast: Faults = { onProgram: (bytes) => failingAt(bytes, last, errnoNumber('EIO')) };
  const calls: string[] = [];
  await lab.launch({ ...failLast, onPoint: ({ key }) => void calls.push(key) });
  const undoing = calls.slice(calls.findIndex((key) => !reference.calls.includes(key)));
  const campaign = new Campaign(reference, dog);
  for (const [index, key] of undoing.entries()) {
    const errno = errnoFor(index, turn);
    // The first error is thrown, unless the second is in the way of reading what the first was.
    const told = new RegExp(`EIO|${errno}`);
    await campaign.met(`EIO of op ${last}, then ${errno} of ${key}`, told, async (meet) =>
      lab.launch({ ...failLast, onPoint: (point) => (point.key === key ? meet(errno) : undefined) }),
    );
  }
  return campaign.result;
}

/** Kills the container's first process, or stage one, at every op. */
export async function killAtEveryOp(lab: Lab, reference: Reference, dog: Watchdog) {
  const campaign = new Campaign(reference, dog);
  for (const op of reference.ops) {
    await campaign.met(`SIGKILL at op ${op}`, KILLED, async (meet) => {
      let program = -1;
      const timer = setInterval(() => {
        const pid = program < 0 ? 0 : waitingPid(program, op);
        if (pid > 0) {
          meet('');
          process.kill(pid, 'SIGKILL');
          original.closeSync(program);
          program = -1;
        }
      }, 1);
      const outcome = await lab.launch({
        onProgram: (bytes, fd) => {
          program = original.openSync(`/proc/self/fd/${fd}`, 'r');
          return waitingAt(bytes, op, process.arch as 'x64' | 'arm64');
        },
      });
      clearInterval(timer);
      return outcome;
    });
  }
  return campaign.result;
}

/** Its end is told; whether the parent knows the signal depends on who of the two stages it was. */
const KILLED = /signal 9 ended it|ended while it was set up/;

/** Who waits at an op: the container's first process, or stage one; 0 while nobody does. */
function waitingPid(program: number, op: number): number {
  const { current, child } = progress(read(program, HEADER.size));
  if (current !== op) return 0;
  return child > 0 ? child : stageOne();
}

function stageOne(): number {
  const children = original.readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ');
  const found = children.find((pid) => original.readFileSync(`/proc/${pid}/cmdline`, 'utf8') === 'tsbox\0');
  return Number(found ?? 0);
}

class Campaign {
  readonly result: { points: number; survived: number; problems: string[] } = { points: 0, survived: 0, problems: [] };

  constructor(
    readonly reference: Reference,
    readonly dog: Watchdog,
  ) {}

  /** One fault. @param launch says by `meet` that it was met */
  async met(name: string, told: Told, launch: (meet: (errno: string) => string) => Promise<Outcome>): Promise<void> {
    let met = false;
    this.dog.watch(name);
    const outcome = await launch((given) => {
      met = true;
      return given;
    });
    this.dog.watch();
    const { result } = this;
    if (met) result.points++;
    if (met && !outcome.error) result.survived++;
    const problems = judge(outcome, this.reference.outcome, told);
    if (problems.length > 0) result.problems.push(`${name}: ${problems.join('\n    ')}`);
  }
}

function read(fd: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  original.readSync(fd, bytes, 0, length, 0);
  return bytes;
}
