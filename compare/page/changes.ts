import { escapeHtml } from '../../core/page/index.js';
import { type Change, compareReports, type Differences, type Place } from '../against.js';
import { changeWords, sharedWords } from '../change-words.js';
import { dateWords } from '../facts.js';
import type { Report } from '../report.js';
import { formatQuantity } from '../units.js';
import { type Look, named } from './marks.js';
import { numeric, table } from './numbers.js';

const HEAD = ['measurement', 'candidate', 'before', 'now', 'change'] as const;

/** What changed since an earlier report. */
export function changesSection(before: Report, now: Report, looks: ReadonlyMap<string, Look>): string {
  const differences = compareReports(before, now);
  const warnings = differences.warnings.map((one) => `<li><b>Warning:</b> ${escapeHtml(one)}</li>`);
  return `<section aria-labelledby="since"><h2 id="since">Since ${escapeHtml(dateWords(differences.before))}</h2>
${warnings.length > 0 ? `<ul class="warnings">${warnings.join('')}</ul>` : ''}
${changesTable(differences.changes, looks)}
${rest(differences)
  .map((one) => `<p>${escapeHtml(one)}</p>`)
  .join('')}</section>`;
}

function changesTable(changes: readonly Change[], looks: ReadonlyMap<string, Look>): string {
  if (changes.length === 0) return '<p>Nothing changed that can be told.</p>';
  const head = HEAD.map((one, column) => `<th scope="col"${numeric(column)}>${one}</th>`).join('');
  const rows = changes.map((change) => {
    const { title, candidate, before, now, measurement, isBetter } = change;
    const [from, to] = [before, now].map(({ median }) => formatQuantity(median, measurement.unit));
    const look = looks.get(candidate);
    const kind = isBetter ? 'better' : 'worse';
    return `<tr><th scope="row">${escapeHtml(title)}</th><td class="who">${look ? named(look) : escapeHtml(candidate)}</td><td class="number">${from}</td><td class="number">${to}</td><td class="number ${kind}">${changeWords(change)}</td></tr>`;
  });
  return table('What changed, the greatest change first', head, `<tbody>${rows.join('\n')}</tbody>`);
}

function rest({ unchanged, few, added, gone, shared }: Differences): string[] {
  const places = (found: readonly Place[]) => found.map(({ title, candidate }) => `${title} (${candidate})`).join('; ');
  return [
    unchanged > 0 ? `Not told apart: ${unchanged} more.` : '',
    few > 0 ? `Too few samples to say: ${few}.` : '',
    added.length > 0 ? `New: ${places(added)}.` : '',
    gone.length > 0 ? `Gone: ${places(gone)}.` : '',
    shared === undefined ? '' : sharedWords(shared),
  ].filter(Boolean);
}
