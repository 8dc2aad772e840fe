/** Of the format. A reader refuses a greater one. */
export const REPORT_VERSION = 1;

/** What a comparison found: everything that the terminal, the JSON file and the page show is computed from this. */
export interface Report {
  readonly version: typeof REPORT_VERSION;
  readonly kind: ComparisonKind;
  /** ISO 8601. */
  readonly created: string;
  /** What measured. */
  readonly tsbox: string;
  readonly host: HostFacts;
  /** What all candidates were given: an image, a command. */
  readonly subject: Readonly<Record<string, string | number>>;
  /** How many rounds were measured, after how many that only warmed up. */
  readonly rounds: number;
  readonly warmUps: number;
  /** In the order of the tables and of their colours. */
  readonly candidates: readonly Candidate[];
  /** In the order in which they are shown. */
  readonly measurements: readonly Measurement[];
}

export const COMPARISON_KINDS = ['storage', 'network', 'runtimes'] as const;
export type ComparisonKind = (typeof COMPARISON_KINDS)[number];

/** One of what is compared: a driver, or a runtime. */
export interface Candidate {
  readonly name: string;
  /** The plugin of a driver, the version of a runtime. */
  readonly about?: string;
  /** Why it was not measured at all. */
  readonly skipped?: string;
}

/** One quantity, for every candidate. */
export interface Measurement {
  /** Unique in a report: `first-write`, `disk-bytes`. */
  readonly name: string;
  /** For people: `first write to a large file`. */
  readonly title: string;
  /** One sentence: what was done, between which two moments. */
  readonly description: string;
  /** Heading under which it is shown: `start`, `files`, `space`. */
  readonly group: string;
  readonly unit: Unit;
  readonly better: 'less' | 'more';
  /**
   * Measurements of one series differ in one number only, and are plotted against it: `{ series: 'disk-bytes',
   * label: 'containers', value: 10 }`.
   */
  readonly parameter?: { readonly series: string; readonly label: string; readonly value: number };
  /** By name of the candidate: one number for each round, in the order of the rounds. */
  readonly samples: Readonly<Record<string, readonly number[]>>;
  /** By name of the candidate: why there is no number. */
  readonly missing?: Readonly<Record<string, string>>;
}

/** Nanoseconds, bytes, bytes per second, operations per second, or a plain count (inodes). */
export type Unit = 'ns' | 'bytes' | 'bytes/s' | 'ops/s' | 'count';

export interface HostFacts {
  /** `6.18.5`. */
  readonly kernel: string;
  readonly architecture: string;
  readonly node: string;
  readonly cpu: string;
  readonly cpus: number;
  /** Bytes. */
  readonly memory: number;
  /** Of the state directory: `ext4`. */
  readonly fileSystem: string;
  readonly cgroups: string;
  /** The 1 minute load average before the first round, and after the last. */
  readonly load: readonly [number, number];
}
