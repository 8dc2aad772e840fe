import { type Change, compareReports, type Differences, type Place } from '../against.js';
import { changeWords, sharedWords } from '../change-words.js';
import { dateWords } from '../facts.js';
import { grouped } from '../grouped.js';
import type { Report } from '../report.js';
import { formatQuantity } from '../units.js';
import { clampedWidth, cut, type Line, linesOf, paint, type TextOptions } from './lines.js';

const GAP = 2;
const LONGEST_NAME = 18;

/** What changed since an earlier report, for a terminal. */
export function againstText(before: Report, now: Report, options: TextOptions): string {
  const width = clampedWidth(options.width);
  const differences = compareReports(before, now);
  return paint(
    [
      [{ text: `SINCE ${dateWords(differences.before)}`, look: 'bold' }],
      ...differences.warnings.flatMap((warning) => linesOf(`warning: ${warning}`, width, 2, 'warning')),
      ...changeLines(differences.changes, width),
      ...restLines(differences, width),
    ],
    options.colour,
  );
}

/** By title, as in the tables of a report; the title with the greatest change first. */
function changeLines(changes: readonly Change[], width: number): Line[] {
  const rows = changes.map((change) => {
    const { title, candidate, before, now, measurement } = change;
    const [from, to] = [before, now].map(({ median }) => formatQuantity(median, measurement.unit)) as [string, string];
    return { title, candidate: cut(candidate, LONGEST_NAME), from, to, change };
  });
  const widest = (column: 'candidate' | 'from' | 'to') => Math.max(...rows.map((row) => row[column].length));
  return [...grouped(rows, ({ title }) => title)].flatMap(([title, members]) => [
    ...linesOf(title, width, 1),
    ...members.map(({ candidate, from, to, change }) => [
      { text: `  ${candidate.padEnd(widest('candidate') + GAP)}` },
      { text: `${from.padStart(widest('from'))} -> ${to.padStart(widest('to'))}${' '.repeat(GAP)}` },
      { text: changeWords(change), look: change.isBetter ? ('good' as const) : ('bad' as const) },
    ]),
  ]);
}

function restLines({ changes, unchanged, few, added, gone, shared }: Differences, width: number): Line[] {
  const places = (found: readonly Place[]) => found.map(({ title, candidate }) => `${title} (${candidate})`).join('; ');
  const lines = [
    changes.length === 0 ? 'nothing changed that can be told' : '',
    unchanged > 0 ? `not told apart: ${unchanged} more` : '',
    few > 0 ? `too few samples to say: ${few}` : '',
    added.length > 0 ? `new: ${places(added)}` : '',
    gone.length > 0 ? `gone: ${places(gone)}` : '',
    sharedWords(shared),
  ];
  return lines.filter(Boolean).flatMap((line) => linesOf(line, width, 2));
}
