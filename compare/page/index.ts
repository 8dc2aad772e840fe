import { escapeHtml, htmlPage } from '../../core/page/index.js';
import { type Conclusions, conclude } from '../conclude.js';
import { dateWords, hostFactsOf, roundsWords, subjectWords } from '../facts.js';
import { grouped } from '../grouped.js';
import type { Candidate, Report } from '../report.js';
import { isLastOfSeries } from '../sentences.js';
import { leaders, leads, listed, trailing } from '../standing.js';
import { formatFactor } from '../units.js';
import type { Verdict } from '../verdict.js';
import { capital, groupSection, idOf } from './cards.js';
import { changesSection } from './changes.js';
import { type Look, looksOf, MARKS, named } from './marks.js';
import { rawSection } from './raw.js';
import { STYLE } from './style.js';

/** So many differences are shown at the top, in great letters. */
const MOST_TILES = 4;

/** A report as a page for people, in one file without a script. @param against an earlier one: what changed is said too */
export function reportPage(report: Report, against?: Report): string {
  const conclusions = conclude(report);
  const looks = looksOf(report.candidates);
  const groups = grouped(conclusions.verdicts, ({ measurement }) => measurement.group);
  const measured = report.candidates.filter(({ skipped }) => skipped === undefined);
  const title = `Comparison of ${report.kind}: ${measured.map(({ name }) => name).join(', ')}`;
  const body = `${MARKS}<header><h1>${escapeHtml(title)}</h1>
<p>${headFacts(report)}</p>
${legend(report.candidates, looks)}
${tiles(conclusions)}</header>
<main><section aria-labelledby="says"><h2 id="says">What the samples say</h2>${sentenceList(conclusions.sentences)}</section>
${against ? changesSection(against, report, looks) : ''}
<nav aria-label="Groups">${[...groups.keys()].map((group) => `<a href="#${idOf(group)}">${escapeHtml(capital(group))}</a>`).join('')}<a href="#machine">The machine</a></nav>
${[...groups].map(([group, verdicts]) => groupSection(group, verdicts, conclusions, looks)).join('\n')}
${machine(report)}
${rawSection(report)}</main>`;
  return htmlPage({ title: escapeHtml(`tsbox: ${title}`), style: STYLE, body });
}

/** Dates and numbers stay in one line. */
function headFacts(report: Report): string {
  const facts = [subjectWords(report), roundsWords(report), `tsbox ${report.tsbox}`, dateWords(report.created)];
  return facts
    .filter(Boolean)
    .map((one, index, { length }) => `<span class="fact">${escapeHtml(one)}${index < length - 1 ? ';' : ''}</span>`)
    .join(' ');
}

function legend(candidates: readonly Candidate[], looks: ReadonlyMap<string, Look>): string {
  const items = candidates.map(({ name, about, skipped }) => {
    const more = skipped === undefined ? about : `not compared: ${skipped}`;
    const mark = skipped === undefined ? named(looks.get(name) as Look) : escapeHtml(name);
    return `<li${skipped === undefined ? ` data-candidate="${escapeHtml(name)}"` : ''}><b>${mark}</b>${more ? ` <span>${escapeHtml(more)}</span>` : ''}</li>`;
  });
  return `<ul class="legend" aria-label="Compared">${items.join('')}</ul>`;
}

/** The greatest certain differences, one for each leader and group, against the nearest of the others. */
function tiles({ verdicts, series }: Conclusions): string {
  const found = verdicts.flatMap((verdict) => {
    const [nearest] = leads(verdict) ? trailing(verdict) : [];
    return isLastOfSeries(verdict.measurement, series) && nearest?.[1]
      ? [{ verdict, other: nearest[0], factor: nearest[1].factor }]
      : [];
  });
  found.sort((a, b) => b.factor - a.factor);
  const best = [...grouped(found, ({ verdict }) => JSON.stringify([verdict.best, verdict.measurement.group])).values()];
  const items = best.slice(0, MOST_TILES).map(([first]) => {
    const { verdict, other, factor } = first as (typeof found)[number];
    return `<li><b>${formatFactor(factor)} x</b><strong>${escapeHtml(listed(leaders(verdict)))}</strong> ahead of ${escapeHtml(other)}: ${escapeHtml(tileTitle(verdict))}</li>`;
  });
  return items.length > 0 ? `<ul class="facts" aria-label="The greatest differences">${items.join('')}</ul>` : '';
}

function tileTitle({ measurement }: Verdict): string {
  return measurement.better === 'less' ? measurement.title : `${measurement.title} (more is better)`;
}

function sentenceList(sentences: readonly string[]): string {
  if (sentences.length === 0) return '<p>Nothing: there are no numbers of two candidates.</p>';
  return `<ul class="says">${sentences.map((one) => `<li>${emphasised(one)}</li>`).join('')}</ul>`;
}

/** Who is ahead in what, before the colon, is what eyes look for. */
function emphasised(sentence: string): string {
  const end = sentence.indexOf(':') + 1;
  return `<b>${escapeHtml(sentence.slice(0, end))}</b>${escapeHtml(sentence.slice(end))}`;
}

function machine({ host }: Report): string {
  const load = host.load.map((one) => one.toFixed(2)).join(' before, ');
  const facts = Object.entries({ ...hostFactsOf(host), load: `${load} after` });
  const items = facts.map(([name, value]) => `<dt>${escapeHtml(capital(name))}</dt><dd>${escapeHtml(value)}</dd>`);
  return `<section aria-labelledby="machine"><h2 id="machine">The machine</h2><dl>${items.join('')}</dl>
<p>Every dot is one sample; the line across is the median, the band its 95 % interval. Somebody is ahead only where the bands do not touch and the medians differ by 1 % at least; factors are ratios of medians, with their own 95 % interval in parentheses. The candidates were measured in turn, round by round, so that a machine that slows down favours nobody.</p></section>`;
}
