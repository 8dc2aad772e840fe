import type { PlanEntry } from '../core/engine/index.js';
import { type Format, printItems } from './format.js';
import { formatTable } from './table.js';

/** Longer targets are cut in a table, and ids in them; `--format json` has them whole. */
const LONGEST_TARGET = 160;
const ID = /[0-9a-f]{64}/g;

export function printPlan(entries: readonly PlanEntry[], format: Format): void {
  printItems(entries, format, [], planRow);
}

/** The same list with what each line took, after a run. */
export function formatTrace(entries: readonly PlanEntry[]): string {
  return formatTable(entries.map((entry) => [duration(entry.durationNs), ...planRow(entry)]));
}

function planRow({ where, plugin, action, target, note }: PlanEntry): string[] {
  return [where, plugin, action, [shorten(target), ...(note ? [`(${shorten(note)})`] : [])].join(' ')];
}

/** Microseconds, right-aligned; `-` for an op that was jumped over. */
function duration(nanoseconds: number | undefined): string {
  return (nanoseconds === undefined ? '-' : `${(nanoseconds / 1000).toFixed(1)} us`).padStart(11);
}

function shorten(target: string): string {
  const line = target.replaceAll('\n', '\\n').replace(ID, (id) => `${id.slice(0, 12)}…`);
  return line.length > LONGEST_TARGET ? `${line.slice(0, LONGEST_TARGET - 1)}…` : line;
}
