import { escapeHtml } from '../../core/page/index.js';
import type { Series } from '../growth.js';
import { growthWords } from '../sentences.js';
import { estimate } from '../statistics.js';
import { formatQuantity, formatTick } from '../units.js';
import { keyMark, type Look, round, sampleMark } from './marks.js';
import { axisTitle, type Scale, scaleOf } from './scale.js';

const WIDTH = 380;
const HEIGHT = 290;
const [LEFT, RIGHT, TOP, BOTTOM] = [58, 84, 22, 252];
const MOST_TICKS = 5;
/** Numbers from 1 to 100 lie well on a line, from 1 to 1000 they do not. */
const LONGEST_LINEAR = 300;
/** Lines of text need that much, and x labels so much to each side. */
const LINE = 14;
const LABEL = 16;
const LONGEST_NAME = 11;
/** What lies at the same place is drawn beside each other. */
const BESIDE = 3;

interface Place {
  readonly x: number;
  readonly value: number;
  readonly samples: readonly number[];
}

/** A quantity against a number: a line through the medians of each candidate, with every sample. */
export function curvePlot(series: Series, looks: ReadonlyMap<string, Look>, id: string): string {
  const lines = [...looks.values()].flatMap((look) => {
    const places = placesOf(series, look.name);
    return places.length > 0 ? [{ look, places }] : [];
  });
  const all = lines.flatMap(({ places }) => places);
  const xs = [...new Set(all.map(({ x }) => x))];
  const x = scaleOf(xs, { from: LEFT + 12, to: WIDTH - RIGHT - 6, most: xs.length, longest: LONGEST_LINEAR });
  const values = all.flatMap(({ samples }) => samples);
  // A straight line is to look like one: both axes are linear, or both are not.
  const longest = x.isLog ? 1 : Number.POSITIVE_INFINITY;
  const y = scaleOf(values, { from: BOTTOM, to: TOP + 6, most: MOST_TICKS, longest });
  const isSpread = all.some(({ samples }) => samples.length > 1);
  const beside = (index: number) => (isSpread ? (index - (lines.length - 1) / 2) * BESIDE : 0);
  const drawn = lines.map((line, index) => curve(series, line, x, y, beside(index)));
  const title = `<title id="${id}-t">${escapeHtml(series.title)}, by ${escapeHtml(series.label)}</title><desc id="${id}-d">${escapeHtml(described(series, lines))}</desc>`;
  return `<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-labelledby="${id}-t ${id}-d">${title}
${axes(series, xs, x, y)}${drawn.join('\n')}${names(lines, y)}</svg>`;
}

interface Curve {
  readonly look: Look;
  readonly places: readonly Place[];
}

function placesOf({ measurements }: Series, name: string): Place[] {
  return measurements.flatMap(({ samples, parameter }) => {
    const own = samples[name] ?? [];
    return own.length > 0 ? [{ x: parameter?.value as number, value: estimate(own).median, samples: own }] : [];
  });
}

function curve({ measurements, label }: Series, { look, places }: Curve, x: Scale, y: Scale, beside: number): string {
  const unit = measurements[0]?.unit ?? 'count';
  const points = places.map((place) => `${round(x.at(place.x) + beside)},${round(y.at(place.value))}`);
  const marks = places.flatMap((place) =>
    place.samples.map((sample, index) => {
      const round_ = place.samples.length > 1 ? `, round ${index + 1}` : '';
      const title = `${look.name}, ${label} ${place.x}${round_}: ${formatQuantity(sample, unit)}`;
      return sampleMark(look, x.at(place.x) + beside, y.at(sample), title);
    }),
  );
  const dash = look.dash === 'none' ? '' : ` stroke-dasharray="${look.dash}"`;
  return `<g><polyline class="curve s${look.colour}" points="${points.join(' ')}"${dash}/>${marks.join('')}</g>`;
}

function axes({ measurements, label }: Series, xs: readonly number[], x: Scale, y: Scale): string {
  const { unit = 'count', better = 'less' } = measurements[0] ?? {};
  const level = y.ticks.map((tick) => {
    const at = round(y.at(tick));
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}"/><text x="${LEFT - 6}" y="${at + 4}" text-anchor="end">${formatTick(tick, unit)}</text>`;
  });
  let last = Number.NEGATIVE_INFINITY;
  const upright = xs.map((value) => {
    const at = round(x.at(value));
    const text = at - last < LABEL * 2 ? '' : `<text x="${at}" y="${BOTTOM + 18}" text-anchor="middle">${value}</text>`;
    if (text) last = at;
    return `<line x1="${at}" x2="${at}" y1="${BOTTOM}" y2="${BOTTOM + 5}"/>${text}`;
  });
  const below = `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${BOTTOM + 34}" text-anchor="middle">${escapeHtml(label)}${x.isLog ? ', logarithmic' : ''}</text>`;
  const above = `<text x="0" y="10">${axisTitle(unit, better, y.isLog)}</text>`;
  return `<g class="tick" aria-hidden="true">${level.join('')}${upright.join('')}${below}${above}</g>`;
}

/** At the end of each line its name; lines that end together have their names below each other. */
function names(lines: readonly Curve[], y: Scale): string {
  const ends = lines
    .map(({ look, places }) => ({ look, at: y.at(places.at(-1)?.value as number) }))
    .sort((a, b) => a.at - b.at);
  const tops: number[] = [];
  for (const { at } of ends) tops.push(Math.max(at, (tops.at(-1) ?? Number.NEGATIVE_INFINITY) + LINE));
  const over = Math.max((tops.at(-1) ?? 0) - BOTTOM, 0);
  const texts = ends.map(({ look }, index) => {
    const at = (tops[index] as number) - over;
    const name = look.name.length > LONGEST_NAME ? `${look.name.slice(0, LONGEST_NAME - 1)}\u2026` : look.name;
    return `${keyMark(look, WIDTH - RIGHT + 10, at)}<text class="who" x="${WIDTH - RIGHT + 18}" y="${round(at + 4)}">${escapeHtml(name)}</text>`;
  });
  return `<g>${texts.join('')}</g>`;
}

function described({ measurements, growth }: Series, lines: readonly Curve[]): string {
  const unit = measurements[0]?.unit ?? 'count';
  const words = lines.map(({ look, places }) => {
    const values = places.map(({ x, value }) => `${formatQuantity(value, unit)} at ${x}`);
    const grown = growth.get(look.name);
    return `${look.name}: ${values.join(', ')}${grown ? `; ${growthWords(grown, unit)}` : ''}`;
  });
  return `${words.join('. ')}.`;
}
