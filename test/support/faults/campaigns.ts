import { errnoNumber } from '../../../core/kernel/errno.js';
import { HEADER } from '../../../core/program/layout.js';
import { errnoFor } from './errnos.js';
import { original } from './host-calls.js';
import { judge, type Told } from './judge.js';
import type { Faults, Lab, Outcome } from './lab.js';
import { failingAt, progress, waitingAt } from './program-image.js';
import { type Reference, readWhole } from './reference.js';
import type { Points } from './selection.js';
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

/** What all campaigns against one kind of container work with. */
export interface CampaignTools {
  readonly lab: Lab;
  readonly reference: Reference;
  readonly dog: Watchdog;
  /** Which points are tried here. */
  readonly selection: Points;
  /** Which errno meets which point. */
  readonly turn: number;
}

/** Lets every host call of a launch fail once, each in a launch of its own, up to the end of the container. */
export async function failEveryCall(tools: CampaignTools): Promise<CampaignResult> {
  const { lab, reference, selection, turn } = tools;
  const campaign = new Campaign(tools);
  for (const key of selection.of('call', reference.calls)) {
    const errno = errnoFor(reference.calls.indexOf(key), turn);
    await campaign.met(`${errno} of ${key}`, errno, async (meet) =>
      lab.launch({ onPoint: (point) => (point.key === key ? meet(errno) : undefined) }),
    );
  }
  return campaign.result;
}

/** Lets every op of the child program fail. */
export async function failEveryOp(tools: CampaignTools): Promise<CampaignResult> {
  const { lab, reference, selection, turn } = tools;
  const campaign = new Campaign(tools);
  for (const name of selection.of('op', [...reference.ops.keys()])) {
    const op = reference.ops.get(name) as number;
    const errno = errnoFor(op, turn);
    await campaign.met(`${errno} of op ${op}, ${name}`, errno, async (meet) =>
      lab.launch({ onProgram: (bytes) => failingAt(bytes, op, errnoNumber(meet(errno))) }),
    );
  }
  return campaign.result;
}

/** Lets a launch fail at its last op, and every host call of its undoing as well. */
export async function failEveryUndo(tools: CampaignTools): Promise<CampaignResult> {
  const { lab, reference, selection, turn } = tools;
  const last = [...reference.ops.values()].at(-1) as number;
  const failLast: Faults = { onProgram: (bytes) => failingAt(bytes, last, errnoNumber('EIO')) };
  const calls: string[] = [];
  let spawned = 0;
  const onProgram = (bytes: Buffer) => {
    spawned = calls.length;
    return failingAt(bytes, last, errnoNumber('EIO'));
  };
  await lab.launch({ onProgram, onPoint: ({ key }) => void calls.push(key) });
  // Before that a launch may make a call more than another one did: an answer of the kernel in two pieces.
  const after = calls.slice(spawned);
  const undoing = after.slice(after.findIndex((key) => !reference.calls.includes(key)));
  const campaign = new Campaign(tools);
  for (const key of selection.of('undo', undoing)) {
    const errno = errnoFor(undoing.indexOf(key), turn);
    // The first error is thrown, unless the second is in the way of reading what the first was.
    const told = new RegExp(`EIO|${errno}`);
    await campaign.met(`EIO of op ${last}, then ${errno} of ${key}`, told, async (meet) =>
      lab.launch({ ...failLast, onPoint: (point) => (point.key === key ? meet(errno) : undefined) }),
    );
  }
  return campaign.result;
}

/** Kills the container's first process, or stage one, at every op. */
export async function killAtEveryOp(tools: CampaignTools): Promise<CampaignResult> {
  const { lab, reference, selection } = tools;
  const campaign = new Campaign(tools);
  for (const name of selection.of('kill', [...reference.ops.keys()])) {
    const op = reference.ops.get(name) as number;
    await campaign.met(`SIGKILL at op ${op}, ${name}`, KILLED, (meet) => killAt(lab, op, () => meet('')));
  }
  return campaign.result;
}

/** Its end is told; whether the parent knows the signal depends on who of the two stages it was. */
const KILLED = /signal 9 ended it|ended while it was set up/;

async function killAt(lab: Lab, op: number, killed: () => void): Promise<Outcome> {
  let program: number | undefined;
  const close = () => {
    if (program !== undefined) original.closeSync(program);
    program = undefined;
  };
  const timer = setInterval(() => {
    const pid = program === undefined ? 0 : waitingPid(program, op);
    if (pid === 0) return;
    killed();
    process.kill(pid, 'SIGKILL');
    close();
  }, 1);
  const onProgram = (bytes: Buffer, fd: number) => {
    program = original.openSync(`/proc/self/fd/${fd}`, 'r');
    return waitingAt(bytes, op, process.arch as 'x64' | 'arm64');
  };
  try {
    return await lab.launch({ onProgram });
  } finally {
    clearInterval(timer);
    close();
  }
}

/** Who waits at an op: the container's first process, or stage one; 0 while nobody does. */
function waitingPid(program: number, op: number): number {
  const { current, child } = progress(readWhole(program, HEADER.size));
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

  constructor(readonly tools: CampaignTools) {}

  /** One fault. @param launch says by `meet` that it was met */
  async met(name: string, told: Told, launch: (meet: (errno: string) => string) => Promise<Outcome>): Promise<void> {
    const { dog, reference } = this.tools;
    let met = false;
    dog.watch(name);
    const outcome = await launch((errno) => {
      met = true;
      return errno;
    });
    dog.watch();
    const { result } = this;
    if (met) result.points++;
    if (met && !outcome.error) result.survived++;
    const problems = judge(outcome, reference.outcome, told);
    if (problems.length > 0) result.problems.push(`${name}: ${problems.join('\n    ')}`);
  }
}
