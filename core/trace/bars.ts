import type { LaunchTrace, PlanEntry } from '../engine/index.js';
import { formatNs } from './text.js';

export const LANES = ['phases', 'hooks', 'steps', 'launcher', 'child'] as const;
export type Lane = (typeof LANES)[number];

/** One bar of the chart. */
export interface Bar {
  readonly lane: Lane;
  /** Undefined for a phase, which is nobody's. */
  readonly plugin: string | undefined;
  readonly startNs: number;
  readonly durationNs: number | undefined;
  /** What it is, in one line. */
  readonly label: string;
  /** Row of the table that has it. */
  readonly row?: number;
  /** A child at its barrier does nothing. */
  readonly waits?: boolean;
  /** Written on it where there is room. */
  readonly name?: string;
  /** The launch ended here. */
  readonly fatal?: boolean;
}

/** An entry with the place that it has in time: one that was jumped over has that of the one before it. */
export interface Row {
  readonly entry: PlanEntry;
  readonly number: number;
}

/** By time; what was not done stays behind what was done before it. */
export function rowsOf(entries: readonly PlanEntry[]): Row[] {
  const last = { engine: 0, launcher: 0, child: 0 };
  const placed = entries.map((entry) => {
    last[entry.where] = entry.startNs ?? last[entry.where];
    return { entry, at: last[entry.where] };
  });
  const isTimed = entries.some(({ startNs }) => startNs !== undefined);
  const sorted = isTimed ? placed.toSorted((a, b) => a.at - b.at) : placed;
  return sorted.map(({ entry }, number) => ({ entry, number }));
}

/** All bars of a trace, by lane and time. */
export function barsOf(trace: LaunchTrace, rows: readonly Row[]): Bar[] {
  const last = rows.findLast(({ entry }) => entry.startNs !== undefined)?.entry;
  // Others were expected: something that is not there needs no mask.
  const fatal = last?.error === undefined ? undefined : last;
  const phases = trace.phases.map(({ name, startNs, durationNs }) => ({ name, startNs, durationNs }));
  return [
    ...phases.map(({ name, ...times }) => ({ ...bar('phases', undefined, times, `phase ${name}`), name })),
    ...trace.hooks.map(({ plugin, hook, ...times }) => bar('hooks', plugin, times, `${plugin}: hook ${hook}`)),
    ...rows.flatMap(({ entry, number }) => entryBar(entry, number, entry === fatal)),
  ];
}

function entryBar(entry: PlanEntry, row: number, fatal: boolean): Bar[] {
  const { where, plugin, action, target, note, startNs, durationNs, error } = entry;
  if (startNs === undefined) return [];
  const lane = where === 'engine' ? 'steps' : where;
  const words = [`${plugin}: ${action}`, target, note && `(${note})`, error && `ended with ${error}`];
  const label = words.filter(Boolean).join(' ');
  const waits = action === 'barrier';
  return [{ ...bar(lane, plugin, { startNs, durationNs }, label), row, waits, fatal }];
}

interface Times {
  readonly startNs: number;
  readonly durationNs?: number | undefined;
}

function bar(lane: Lane, plugin: string | undefined, { startNs, durationNs }: Times, what: string): Bar {
  const took = durationNs === undefined ? 'its end is not measured' : formatNs(durationNs);
  return { lane, plugin, startNs, durationNs, label: `${what} \u2014 at ${formatNs(startNs)}, ${took}` };
}

/** What a plugin cost. */
export interface PluginTotal {
  readonly plugin: string;
  readonly calls: number;
  /** Its ops in launcher and child, without waiting. */
  readonly childNs: number;
  /** Its handlers in the engine, with the steps that they did; of the engine itself its steps. */
  readonly engineNs: number;
}

/** Per plugin, the most expensive first. */
export function totalsOf(trace: LaunchTrace): PluginTotal[] {
  const names = new Set([...trace.entries, ...trace.hooks].map(({ plugin }) => plugin));
  const sum = (values: readonly { readonly durationNs?: number }[]) =>
    values.reduce((total, { durationNs = 0 }) => total + durationNs, 0);
  const totals = [...names].map((plugin) => {
    const own = trace.entries.filter((entry) => entry.plugin === plugin);
    const ops = own.filter(({ where, action }) => where !== 'engine' && action !== 'barrier');
    const hooks = trace.hooks.filter((hook) => hook.plugin === plugin);
    const steps = plugin === 'engine' ? own.filter(({ where }) => where === 'engine') : [];
    return { plugin, calls: own.length, childNs: sum(ops), engineNs: sum(hooks) + sum(steps) };
  });
  return totals.sort((a, b) => b.childNs + b.engineNs - (a.childNs + a.engineNs));
}
