import { formatFactor, formatInterval, formatQuantity } from '../units.js';
import type { Outcome, Verdict } from '../verdict.js';
import { bar } from './bar.js';
import { cut, type Line, linesOf, type Span, wrapped } from './lines.js';

const INDENT = 2;
const GAP = 2;
const LONGEST_NAME = 18;
const NARROWEST_BAR = 6;
const HEAD = ['median', '95 % interval', 'to the best'] as const;

/** A row of the table: a candidate that has a number, or the reason why it has none. */
interface Row {
  readonly name: string;
  readonly share: number;
  readonly cells: readonly Span[];
  readonly missing?: string;
}

/** All measurements of a group, in one table: names, bars and numbers stand below each other. */
export function groupLines(
  group: string,
  verdicts: readonly Verdict[],
  names: readonly string[],
  width: number,
): Line[] {
  const blocks = verdicts.map((verdict) => ({ verdict, rows: names.flatMap((name) => rowOf(verdict, name)) }));
  const all = blocks.flatMap(({ rows }) => rows);
  const widths = HEAD.map((head, column) =>
    Math.max(head.length, ...all.map(({ cells }) => cells[column]?.text.length ?? 0)),
  );
  const nameWidth = Math.min(LONGEST_NAME, Math.max(...all.map(({ name }) => name.length), 0));
  const numbers = widths.reduce((sum, one) => sum + GAP + one, 0);
  const space = width - INDENT - nameWidth - GAP - numbers;
  const layout = { nameWidth, widths, barWidth: space < NARROWEST_BAR ? 0 : space, width };
  const before = INDENT + nameWidth + GAP + layout.barWidth;
  const title = cut(group.toUpperCase(), before).padEnd(before);
  return [
    [{ text: title, look: 'bold' }, ...HEAD.map((head, column) => right(head, layout, column, 'quiet'))],
    ...blocks.flatMap(({ verdict, rows }) => [
      ...titleLines(verdict, width),
      ...rows.flatMap((row) => rowLines(row, layout)),
    ]),
  ];
}

interface Layout {
  readonly nameWidth: number;
  readonly widths: readonly number[];
  /** 0 where there is no room for bars. */
  readonly barWidth: number;
  readonly width: number;
}

function rowOf(verdict: Verdict, name: string): Row[] {
  const { measurement, estimates } = verdict;
  const own = estimates.get(name);
  const missing = measurement.missing?.[name];
  if (!own) return missing === undefined ? [] : [{ name, share: 0, cells: [], missing }];
  const most = Math.max(...[...estimates.values()].map(({ median }) => median));
  const cells = [
    { text: formatQuantity(own.median, measurement.unit) },
    { text: formatInterval(own, measurement.unit), look: 'quiet' as const },
    markOf(verdict, name),
  ];
  return [{ name, share: most > 0 ? own.median / most : 0, cells }];
}

/** `best`, `tied`, `same`, or how many times worse. */
export function markOf({ outcome, best, behind }: Verdict, name: string): Span {
  if (outcome === 'winner' && best[0] === name) return { text: 'best', look: 'good' };
  if (outcome === 'equal') return { text: 'same' };
  if (outcome === 'tie' && best.includes(name)) return { text: 'tied' };
  const ratio = behind.get(name);
  if (ratio) return { text: `${formatFactor(ratio.factor)} x` };
  return { text: behind.has(name) ? '-' : '' };
}

const NOTES: Readonly<Partial<Record<Outcome, string>>> = {
  tie: 'not told apart',
  few: 'too few samples for a verdict',
  none: 'no numbers',
};

/** A tie of some who are ahead of others is seen at the rows. */
function titleLines({ measurement, outcome, behind }: Verdict, width: number): Line[] {
  const { title, better } = measurement;
  const notes = [better === 'more' && 'more is better', behind.size === 0 && NOTES[outcome]].filter(Boolean).join(', ');
  return linesOf(`${title}${notes && ` (${notes})`}`, width, 1);
}

function rowLines({ name, share, cells, missing }: Row, layout: Layout): Line[] {
  const { nameWidth, barWidth, width } = layout;
  const start = { text: `${' '.repeat(INDENT)}${cut(name, nameWidth).padEnd(nameWidth + GAP)}` };
  if (missing !== undefined) {
    const reasons = wrapped(`no number: ${missing}`, width - start.text.length);
    return reasons.map((text, index) => [
      index === 0 ? start : { text: ' '.repeat(start.text.length) },
      { text, look: 'warning' },
    ]);
  }
  const drawn = { text: bar(share, barWidth).padEnd(barWidth), look: cells[2]?.look };
  return [[start, drawn, ...cells.map(({ text, look }, column) => right(text, layout, column, look))]];
}

function right(text: string, { widths }: Layout, column: number, look?: Span['look']): Span {
  return { text: ' '.repeat(GAP) + text.padStart(widths[column] as number), look };
}
