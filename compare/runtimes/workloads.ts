import { OWN_WORKLOAD } from '../choose.js';
import { nanoseconds } from '../nanoseconds.js';
import { type Opened, opening } from '../opened.js';
import type { Trial, Workload } from '../workload.js';
import { runtimeKind } from './kinds.js';
import type { Runtime, RuntimeLab } from './runtime.js';
import { OWN_COMMAND } from './subject.js';

const AT_ONCE = 16;
const TRUE = ['true'] as const;
const ECHO = ['echo', 'here'] as const;

/** One measurement of a runtime: nanoseconds. */
export type Measure = () => Promise<number>;

/** From the call until `true` and all of its container is gone. */
export function startToExit(runtime: Runtime): Measure {
  return () => nanoseconds(() => runtime.run(TRUE));
}

/** From the call until the first byte of `echo` is here. */
export function startToOutput(runtime: Runtime): Measure {
  return async () => {
    const start = process.hrtime.bigint();
    let heard: bigint | undefined;
    await runtime.run(ECHO, () => {
      heard = process.hrtime.bigint();
    });
    if (heard === undefined) throw new Error(`${ECHO[0]} has said nothing`);
    return Number(heard - start);
  };
}

function manyAtOnce(runtime: Runtime): Measure {
  const launches = Array.from({ length: AT_ONCE });
  return () => nanoseconds(() => allDone(launches.map(() => runtime.run(TRUE))));
}

/** Also when one fails: nothing may be on its way any more. */
async function allDone(launches: readonly Promise<void>[]): Promise<void> {
  for (const result of await Promise.allSettled(launches)) if (result.status === 'rejected') throw result.reason;
}

async function execInto(runtime: Runtime, opened: Opened): Promise<Measure> {
  const held = opened.add(await runtime.hold(), (it) => it.close());
  return () => nanoseconds(() => held.exec(TRUE));
}

type About = Omit<Workload['yields'][number], 'unit' | 'better'>;
type Prepare = (runtime: Runtime, opened: Opened) => Measure | Promise<Measure>;

const KINDS: readonly (readonly [About, Prepare])[] = [
  [
    {
      name: 'run',
      title: 'start to exit',
      description: 'From the call until true and all of its container is gone.',
      group: 'launch',
    },
    startToExit,
  ],
  [
    {
      name: 'start',
      title: 'start to output',
      description: 'From the call until the first byte is here that echo writes in a new container.',
      group: 'launch',
    },
    startToOutput,
  ],
  [
    {
      name: 'many',
      title: `${AT_ONCE} at once`,
      description: `${AT_ONCE} calls in one go, each for a container of its own that runs true, until the last is gone.`,
      group: 'launch',
    },
    manyAtOnce,
  ],
  [
    {
      name: 'exec',
      title: 'exec',
      description: 'From the call until true has ended, which is executed in a container that runs.',
      group: 'exec',
    },
    execInto,
  ],
];

/** @param command the user's own file, which is then a workload too */
export function runtimeWorkloadsOf(lab: RuntimeLab, command?: string): Workload[] {
  const kinds = command === undefined ? KINDS : [...KINDS, ownKind(command)];
  return kinds.map(([about, prepare]) => ({
    name: about.name,
    yields: [{ ...about, unit: 'ns', better: 'less' }],
    // A runtime of its own for each trial: nothing of it is left when that is closed.
    open: (candidate) =>
      opening(async (opened): Promise<Trial> => {
        const runtime = opened.add(runtimeKind(candidate).open(lab), (it) => it.close());
        const measure = await prepare(runtime, opened);
        return { run: async () => [await measure()], close: () => opened.close() };
      }),
  }));
}

function ownKind(command: string): readonly [About, Prepare] {
  const about = {
    name: OWN_WORKLOAD,
    title: 'your command, with its container',
    description: `${command} in a new container: from the call until all of it is gone.`,
    group: 'command',
  };
  return [about, (runtime) => () => nanoseconds(() => runtime.run([OWN_COMMAND]))];
}
