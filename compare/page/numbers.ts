import { escapeHtml } from '../../core/page/index.js';
import { formatFactor, formatFactorInterval, formatInterval, formatQuantity } from '../units.js';
import type { Verdict } from '../verdict.js';
import { type Look, named } from './marks.js';

const HEAD = ['measurement', 'candidate', 'median', '95 % interval', 'to the best', 'samples'] as const;
/** From here on they are numbers, and stand right. */
const FIRST_NUMBER = 2;

/** All numbers of a group, for whoever reads tables rather than plots, or hears them. */
export function numbersTable(group: string, verdicts: readonly Verdict[], looks: ReadonlyMap<string, Look>): string {
  const head = HEAD.map((one, column) => `<th scope="col"${numeric(column)}>${one}</th>`).join('');
  const bodies = verdicts.map((verdict) => `<tbody>${rowsOf(verdict, looks).join('\n')}</tbody>`);
  return table(`Numbers: ${group}`, head, bodies.join('\n'));
}

/** A table that is moved sideways where it is too wide, also by keys. */
export function table(caption: string, head: string, bodies: string): string {
  const name = escapeHtml(caption);
  return `<div class="wide" tabindex="0" role="region" aria-label="${name}"><table><caption>${name}</caption><thead><tr>${head}</tr></thead>${bodies}</table></div>`;
}

export function numeric(column: number): string {
  return column >= FIRST_NUMBER ? ' class="number"' : '';
}

function rowsOf(verdict: Verdict, looks: ReadonlyMap<string, Look>): string[] {
  const { measurement, estimates } = verdict;
  const shown = [...looks.values()].filter(
    ({ name }) => estimates.has(name) || measurement.missing?.[name] !== undefined,
  );
  return shown.map((look, index) => {
    const title = `<th scope="rowgroup" rowspan="${shown.length}">${escapeHtml(measurement.title)}</th>`;
    return `<tr>${index === 0 ? title : ''}<th scope="row" class="who">${named(look)}</th>${cellsOf(verdict, look.name)}</tr>`;
  });
}

function cellsOf(verdict: Verdict, name: string): string {
  const { measurement, estimates } = verdict;
  const own = estimates.get(name);
  if (!own) return `<td colspan="4" class="missing">no number: ${escapeHtml(measurement.missing?.[name] ?? '')}</td>`;
  const { unit } = measurement;
  const cells = [
    formatQuantity(own.median, unit),
    formatInterval(own, unit) || 'no spread',
    mark(verdict, name),
    `${own.count}`,
  ];
  return cells.map((cell) => `<td class="number">${cell}</td>`).join('');
}

function mark({ outcome, best, behind }: Verdict, name: string): string {
  if (outcome === 'winner' && best[0] === name) return '<b>best</b>';
  if (outcome === 'equal') return 'same';
  if (outcome === 'tie' && best.includes(name)) return 'tied';
  const ratio = behind.get(name);
  if (!ratio) return '-';
  const interval = formatFactorInterval(ratio);
  return `${formatFactor(ratio.factor)} x${interval && ` (${interval})`}`;
}
