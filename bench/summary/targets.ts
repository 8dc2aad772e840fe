import type { Result } from '../result.js';

/** A ratio that is to hold, and where it is found in the results. */
export interface Target {
  readonly text: string;
  readonly bench: string;
  readonly table: string | RegExp;
  readonly row: string;
  /** Default: the table's first row. */
  readonly against?: string;
  readonly column: string;
  /** How many times as fast, where a target says that; how many times the cost otherwise. */
  readonly faster?: boolean;
  readonly limit: number;
}

const WHOLE = { bench: 'startup', table: 'cold start of a command', column: 'process' } as const;
const COPY = { bench: 'copy', row: 'storage copy', column: 'copied', limit: 1 } as const;
const RUNTIMES = { bench: 'runtimes', table: 'runtimes, no network', row: 'tsbox in process', faster: true } as const;

export const TARGETS: readonly Target[] = [
  {
    text: 'warm launch in process, no network, against the floor in C',
    ...{ bench: 'launch', table: 'warm engine, no network', row: 'tsbox, no network', column: 'started', limit: 1.2 },
  },
  {
    text: 'warm launch in process, bridge, against a floor with its netlink messages',
    ...{ bench: 'launch', table: 'warm engine, a bridge that is there', row: 'tsbox, bridge' },
    ...{ column: 'started', limit: 1.3 },
  },
  { text: 'against bwrap spawned from Node', ...RUNTIMES, against: 'bwrap', column: 'start to exit', limit: 2 },
  {
    text: 'the same, without cgroups, which bwrap does not make',
    ...{ ...RUNTIMES, row: 'tsbox in process, no cgroup', against: 'bwrap', column: 'start to exit', limit: 2 },
  },
  { text: 'against runc run', ...RUNTIMES, against: 'runc', column: 'start to exit', limit: 6 },
  { text: 'against docker run', ...RUNTIMES, against: 'docker', column: 'start to exit', limit: 50 },
  {
    text: '16 launches at once, against one after the other',
    ...{ bench: 'concurrency', table: 'launches at once, no network', row: '16 at once' },
    ...{ column: '16 launches', faster: true, limit: 1.6 },
  },
  { text: 'tsbox run, cold, against node -e 0', ...WHOLE, row: 'tsbox run', limit: 1.35 },
  { text: 'tsbox ps against node -e 0', ...WHOLE, row: 'tsbox ps', limit: 1.25 },
  { text: 'tsbox logs against node -e 0', ...WHOLE, row: 'tsbox logs', limit: 1.25 },
  { text: 'tsbox inspect against node -e 0', ...WHOLE, row: 'tsbox inspect', limit: 1.25 },
  ...(['ext4', 'xfs', 'btrfs'] as const).flatMap((type) => [
    { text: `storage copy against cp -a, small files, ${type}`, ...COPY, table: new RegExp(`small files on ${type}$`) },
    { text: `storage copy against cp -a, large files, ${type}`, ...COPY, table: new RegExp(`large files on ${type}$`) },
  ]),
  {
    text: 'twenty plugins that do nothing against none',
    ...{ bench: 'plugins', table: 'plugins that do nothing', row: 'twenty plugins', column: 'gone', limit: 1.1 },
  },
  ...(['descriptors', 'heap', 'rss'] as const).map((column) => ({
    text: `${column} after the last of 10,000 launches against after 500`,
    ...{ bench: 'memory', table: 'one engine, launch after launch', row: 'after 10000', column },
    limit: column === 'descriptors' ? 1 : 1.05,
  })),
  {
    text: 'the same of the heap, with nothing compiled',
    ...{ bench: 'memory', table: 'one engine, launch after launch, nothing compiled', row: 'after 10000' },
    ...{ column: 'heap', limit: 1.01 },
  },
];

/** What was measured for a target. */
export interface Verdict {
  readonly target: Target;
  readonly measured?: number;
  readonly low?: number;
  readonly high?: number;
  readonly samples?: number;
  readonly date?: string;
}

/** @param results the newest last */
export function judge(target: Target, results: readonly Result[]): Verdict {
  const { bench, table, row, against, column, faster } = target;
  const ofTable = results.filter(
    (one) => one.bench === bench && (typeof table === 'string' ? one.table === table : table.test(one.table)),
  );
  const [own, other] = [find(ofTable, row), against === undefined ? undefined : find(ofTable, against)];
  if (!own || (against !== undefined && !other)) return { target };
  const name =
    column === '*' ? (Object.keys(own.medians).find((key) => other?.medians[key] !== undefined) ?? '') : column;
  const ratio = other ? between(own, other, name) : own.ratios[name];
  if (!ratio || !Number.isFinite(ratio.value)) return { target };
  const { value, low, high } = faster ? { value: 1 / ratio.value, low: 1 / ratio.high, high: 1 / ratio.low } : ratio;
  return { target, measured: value, low, high, samples: own.samples, date: own.date };
}

export function holds({ target, measured }: Verdict): boolean | undefined {
  if (measured === undefined) return undefined;
  return target.faster ? measured >= target.limit : measured <= target.limit;
}

/** The newest row of a name, or that begins with it. */
function find(results: readonly Result[], name: string): Result | undefined {
  return results.findLast(({ row }) => row === name) ?? results.findLast(({ row }) => row.startsWith(name));
}

/** Both were compared with the same row; the interval is that of the two, as wide as it can be. */
function between(own: Result, other: Result, column: string) {
  const [a, b] = [own.ratios[column], other.ratios[column]];
  if (!a || !b) return undefined;
  return { value: a.value / b.value, low: a.low / b.high, high: a.high / b.low };
}
