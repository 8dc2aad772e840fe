import { seeded } from '../../compare/bootstrap.js';
import type { HostFacts, Measurement, Report } from '../../compare/report.js';

export const HOST: HostFacts = {
  kernel: '6.12.48',
  architecture: 'x64',
  node: '20.20.1',
  cpu: 'AMD EPYC 7B13',
  cpus: 2,
  memory: 8_254_000_000,
  fileSystem: 'ext4',
  cgroups: 'v1',
  load: [0.31, 1.84],
};

const [MS, MB] = [1e6, 1e6];
/** What each candidate is said to need, in the middle. */
type Centres = Readonly<Record<string, number>>;

export interface Sketch extends Omit<Measurement, 'samples' | 'title' | 'description' | 'better'> {
  readonly title?: string;
  readonly description?: string;
  readonly better?: 'less' | 'more';
  readonly centres: Centres;
  /** Standard deviation of the logarithm; 0 gives one sample. */
  readonly spread?: number;
}

/** Samples as a machine makes them that drifts: skewed, some far off, and slow rounds are slow for all. */
export function measurement(sketch: Sketch, rounds = 20, seed = 1): Measurement {
  const { centres, spread = 0.06, ...rest } = sketch;
  const random = seeded(seed);
  const drift = Array.from({ length: rounds }, (_, round) => 1 + 0.3 * Math.sin(round / 4) ** 2);
  const one = (centre: number, round: number) => {
    const outlier = random() < 0.05 ? 1.6 : 1;
    return Math.round(centre * (drift[round] as number) * outlier * Math.exp(spread * normal(random)));
  };
  const samplesOf = (centre: number) =>
    spread === 0 ? [centre] : Array.from({ length: rounds }, (_, round) => one(centre, round));
  const samples = Object.fromEntries(Object.entries(centres).map(([name, centre]) => [name, samplesOf(centre)]));
  return { title: rest.name, description: `What ${rest.name} takes.`, better: 'less', ...rest, samples };
}

/** A report of these. */
export function reportOf(measurements: readonly Measurement[], changes: Partial<Report> = {}): Report {
  const names = new Set(measurements.flatMap(({ samples }) => Object.keys(samples)));
  return {
    version: 1,
    kind: 'storage',
    created: '2026-11-20T10:15:00.000Z',
    tsbox: '0.1.0',
    host: HOST,
    subject: { image: 'synthetic', size: '500 MB' },
    rounds: 20,
    warmUps: 2,
    candidates: [...names].map((name) => ({ name })),
    measurements,
    ...changes,
  };
}

/** Each has what the other had. */
export function swapped(report: Report, a: string, b: string): Report {
  const measurements = report.measurements.map((one) => {
    const { [a]: ofA, [b]: ofB, ...others } = one.samples;
    return { ...one, samples: { ...others, ...(ofB && { [a]: ofB }), ...(ofA && { [b]: ofA }) } };
  });
  return { ...report, measurements };
}

/** A comparison of three storage drivers, of which two are fast at different things. */
export function storageReport(seed = 1, slower = 1): Report {
  const measurements = storageSketches().map((sketch, index) => {
    const factor = sketch.spread === 0 ? 1 : sketch.better === 'more' ? 1 / slower : slower;
    return measurement({ ...sketch, centres: scaled(sketch.centres, factor) }, 20, seed * 100 + index);
  });
  const missing = { tmpfs: 'commit needs layers, which this driver does not have' };
  const withMissing = measurements.map((one) =>
    one.name === 'commit' ? { ...one, samples: omit(one.samples, 'tmpfs'), missing } : one,
  );
  return reportOf(withMissing, {
    candidates: [
      { name: 'copy', about: 'storage-copy' },
      { name: 'overlay', about: 'storage-overlay' },
      { name: 'tmpfs', about: './examples/storage-tmpfs' },
      {
        name: 'zfs',
        about: './plugins/zfs',
        skipped: 'the kernel has no module zfs: modprobe: FATAL: Module zfs not found',
      },
    ],
  });
}

function storageSketches(): Sketch[] {
  return [
    ...starting(),
    ...files(),
    ...[1, 10, 50].flatMap((containers) => [
      space('disk-bytes', 'disk space', 'bytes', containers, [500 * MB, 4100, 0]),
      space('inodes', 'inodes', 'count', containers, [2140, 6, 0]),
    ]),
    {
      name: 'page-cache',
      group: 'space',
      unit: 'bytes',
      title: 'page cache of a second reader',
      description: 'Memory that reading one large file of the image costs in a second container.',
      centres: { copy: 100 * MB, overlay: 0, tmpfs: 0 },
      spread: 0,
    },
  ];
}

function starting(): Sketch[] {
  const sizes = [10, 100, 500, 2000].map((size) => ({
    name: `start-${size}`,
    group: 'start',
    unit: 'ns' as const,
    title: `start with an image of ${size} MB`,
    description: 'From the call of run until the command runs.',
    parameter: { series: 'start-by-size', label: 'MB of image', value: size },
    centres: { copy: (size * 1.7 + 8) * MS, overlay: 9.1 * MS, tmpfs: (size * 0.9 + 8) * MS },
  }));
  const remove: Sketch = {
    name: 'remove',
    group: 'start',
    unit: 'ns',
    title: 'removal',
    description: 'rm of a container that has ended.',
    centres: { copy: 96 * MS, overlay: 6.4 * MS, tmpfs: 18 * MS },
  };
  return [...sizes, remove];
}

function files(): Sketch[] {
  const of = (name: string, title: string, centres: Centres, more: Partial<Sketch> = {}): Sketch => ({
    name,
    title,
    group: 'files',
    unit: 'ns',
    description: `In the container: ${title}.`,
    centres,
    ...more,
  });
  return [
    of('first-write', 'first write to a large file', { copy: 0.021 * MS, overlay: 61 * MS, tmpfs: 0.02 * MS }),
    of('small-files', 'four thousand small files', { copy: 310 * MS, overlay: 318 * MS, tmpfs: 122 * MS }),
    of('random-read', 'random reads', { copy: 412e3, overlay: 409e3, tmpfs: 415e3 }, { unit: 'ops/s', better: 'more' }),
    of(
      'random-write',
      'random writes',
      { copy: 33e3, overlay: 32.5e3, tmpfs: 260e3 },
      { unit: 'ops/s', better: 'more' },
    ),
    of('metadata', 'stat, rename, unlink', { copy: 28 * MS, overlay: 44 * MS, tmpfs: 12 * MS }),
    of('diff', 'diff', { copy: 190 * MS, overlay: 5.5 * MS, tmpfs: 185 * MS }),
    of('commit', 'commit', { copy: 750 * MS, overlay: 24 * MS, tmpfs: 0 }),
  ];
}

function space(
  series: string,
  what: string,
  unit: 'bytes' | 'count',
  containers: number,
  each: readonly number[],
): Sketch {
  const [copy = 0, overlay = 0, tmpfs = 0] = each;
  const image = unit === 'bytes' ? 500 * MB : 2140;
  return {
    name: `${series}-${containers}`,
    group: 'space',
    unit,
    title: `${what} of ${containers} containers`,
    description: `What ${containers} containers of one image occupy, with the image.`,
    parameter: { series, label: 'containers', value: containers },
    spread: 0,
    centres: {
      copy: image + containers * copy,
      overlay: image + containers * overlay,
      tmpfs: image + containers * tmpfs,
    },
  };
}

function scaled(centres: Centres, factor: number): Centres {
  return Object.fromEntries(Object.entries(centres).map(([name, centre]) => [name, centre * factor]));
}

function omit<Value>(values: Readonly<Record<string, Value>>, name: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(values).filter(([key]) => key !== name));
}

/** Box and Muller. */
function normal(random: () => number): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}
