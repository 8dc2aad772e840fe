import { conclude } from '../conclude.js';
import { dateWords, hostWords, roundsWords, subjectWords } from '../facts.js';
import { grouped } from '../grouped.js';
import type { Report } from '../report.js';
import { groupLines } from './group.js';
import { clampedWidth, type Line, linesOf, paint, type TextOptions } from './lines.js';

export { againstText } from './against.js';
export type { TextOptions } from './lines.js';

const EMPTY: Line = [];

/** A report for a terminal: a table with bars for each group, the host, and what the samples say. */
export function reportText(report: Report, options: TextOptions): string {
  const width = clampedWidth(options.width);
  const { verdicts, sentences } = conclude(report);
  const names = report.candidates.map(({ name }) => name);
  const groups = grouped(verdicts, ({ measurement }) => measurement.group);
  const said = sentences.length > 0 ? sentences : ['Nothing: there are no numbers of two candidates.'];
  return paint(
    [
      ...headLines(report, width),
      EMPTY,
      ...[...groups].flatMap(([group, members]) => [...groupLines(group, members, names, width), EMPTY]),
      ...linesOf(hostWords(report.host).join('; '), width, 0, 'quiet'),
      EMPTY,
      [{ text: 'WHAT THE SAMPLES SAY', look: 'bold' }],
      ...said.flatMap((sentence) => linesOf(`- ${sentence}`, width, 2)),
    ],
    options.colour,
  );
}

function headLines(report: Report, width: number): Line[] {
  const { kind, candidates, created, tsbox } = report;
  const measured = candidates.filter(({ skipped }) => skipped === undefined);
  const names = measured.map(({ name, about }) => (about ? `${name} (${about})` : name)).join(', ');
  const facts = [subjectWords(report), roundsWords(report), `tsbox ${tsbox}`, dateWords(created)];
  return [
    ...linesOf(`Comparison of ${kind}: ${names}`, width, 2, 'bold'),
    ...linesOf(facts.filter(Boolean).join('; '), width, 0, 'quiet'),
    ...candidates.flatMap(({ name, skipped }) =>
      skipped === undefined ? [] : linesOf(`not compared: ${name}: ${skipped}`, width, 2, 'warning'),
    ),
  ];
}
