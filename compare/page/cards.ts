import { escapeHtml } from '../../core/page/index.js';
import type { Conclusions } from '../conclude.js';
import type { Series } from '../growth.js';
import { growthWords } from '../sentences.js';
import { verdictWords } from '../standing.js';
import type { Verdict } from '../verdict.js';
import { curvePlot } from './curves.js';
import type { Look } from './marks.js';
import { numbersTable } from './numbers.js';
import { stripPlot } from './strip.js';

type Looks = ReadonlyMap<string, Look>;

/** A group: a plot for each measurement or series, then all numbers. */
export function groupSection(
  group: string,
  verdicts: readonly Verdict[],
  { series }: Conclusions,
  looks: Looks,
): string {
  const cards = verdicts.flatMap((verdict) => {
    const { parameter, name } = verdict.measurement;
    if (!parameter) return [card(verdict, looks)];
    const own = series.find((one) => one.name === parameter.series);
    const last = verdicts.find(({ measurement }) => measurement.name === own?.measurements.at(-1)?.name);
    // The series stands where its first measurement does.
    return own && last && own.measurements[0]?.name === name ? [seriesCard(own, last, looks)] : [];
  });
  const id = idOf(group);
  return `<section aria-labelledby="${id}"><h2 id="${id}">${escapeHtml(capital(group))}</h2>
<div class="cards">${cards.join('\n')}</div>
${numbersTable(group, verdicts, looks)}</section>`;
}

export function idOf(name: string): string {
  return `at-${[...name].map((letter) => (/[a-z0-9]/.test(letter) ? letter : `_${letter.codePointAt(0)}`)).join('')}`;
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function card(verdict: Verdict, looks: Looks): string {
  const { name, title, description, missing = {} } = verdict.measurement;
  const plot = verdict.estimates.size > 0 ? stripPlot(verdict, looks, idOf(name)) : '';
  const reasons = Object.entries(missing).map(
    ([who, why]) => `<p class="missing">no number of ${escapeHtml(who)}: ${escapeHtml(why)}</p>`,
  );
  return `<article><h3>${escapeHtml(capital(title))}</h3><p class="verdict">${escapeHtml(verdictWords(verdict))}</p><p>${escapeHtml(description)}</p>${plot}${reasons.join('')}</article>`;
}

/** @param last its verdict at the greatest number */
function seriesCard(series: Series, last: Verdict, looks: Looks): string {
  const { name, title, label, measurements, growth } = series;
  const { unit, description, parameter } = last.measurement;
  const grown = [...growth].map(([who, one]) => `<li>${escapeHtml(`${who} ${growthWords(one, unit)}`)}</li>`);
  const verdict = `At ${parameter?.value}: ${verdictWords(last)}`;
  const isPlotted = measurements.some(({ samples }) => Object.values(samples).some((one) => one.length > 0));
  const plot = isPlotted ? curvePlot(series, looks, idOf(name)) : '';
  return `<article><h3>${escapeHtml(capital(title))}, by ${escapeHtml(label)}</h3><p class="verdict">${escapeHtml(verdict)}</p><p>${escapeHtml(description)}</p>${plot}<ul class="growth">${grown.join('')}</ul></article>`;
}
