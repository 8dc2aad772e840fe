import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import type { BoxOptions } from '../core/index.js';
import { OWN_WORKLOAD } from './choose.js';
import type { ComparisonContext } from './context.js';
import type { Workload } from './workload.js';

const INSIDE = '/tsbox-workload';
const ABOUT = { group: 'command', unit: 'ns', better: 'less' } as const;

/**
 * The user's own workload: a file of the host, executed in a container of each candidate.
 * @param settings image, driver and whatever else a container of that candidate needs
 * @returns nothing where there is no such file
 */
export function ownCommand(
  context: ComparisonContext,
  settings: (candidate: string) => Omit<BoxOptions, 'command' | 'label' | 'volume'>,
): readonly Workload[] {
  const { engine, options, signal } = context;
  const { command } = options;
  if (command === undefined) return [];
  const run = async (candidate: string) => {
    const start = process.hrtime.bigint();
    const box = await engine.run({
      ...settings(candidate),
      name: context.containerName(candidate),
      label: [context.label],
      volume: [`${command}:${INSIDE}:ro`],
      entrypoint: INSIDE,
      command: [],
      stdio: ['ignore', 'ignore', 'pipe'],
      signal,
    });
    const [stderr, end] = await Promise.all([text(box.stderr as Readable), box.wait()]);
    const whole = Number(process.hrtime.bigint() - start);
    signal.throwIfAborted();
    if (end.status !== 0) throw new Error(failure(end.status, stderr));
    return [end.durationMs * 1e6, whole];
  };
  return [
    {
      name: OWN_WORKLOAD,
      yields: [
        {
          name: 'command',
          title: 'your command',
          description: `${command} in a new container, from the moment at which it runs to its end.`,
          ...ABOUT,
        },
        {
          name: 'command-whole',
          title: 'your command, with its container',
          description: `${command} with all of its container: from the launch until everything is gone.`,
          ...ABOUT,
        },
      ],
      open: async (candidate) => ({ run: () => run(candidate), close: async () => {} }),
    },
  ];
}

function failure(status: number, stderr: string): string {
  const last = stderr.trim().split('\n').at(-1);
  return `the command exited with ${status}${last ? `: ${last}` : ''}`;
}
