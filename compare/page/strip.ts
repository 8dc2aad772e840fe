import { escapeHtml } from '../../core/page/index.js';
import type { Measurement } from '../report.js';
import { formatInterval, formatQuantity, formatTick } from '../units.js';
import type { Verdict } from '../verdict.js';
import { keyMark, type Look, round, sampleMark } from './marks.js';
import { axisTitle, type Scale, scaleOf } from './scale.js';

/** Units of the drawing, near to pixels of a narrow telephone. */
const WIDTH = 380;
const ROW = 54;
/** Of a row: the line of text above, and the samples below it. */
const TEXT = 12;
const STRIP = 28;
const AXIS = 36;
const EDGE = 8;
const MOST_TICKS = 5;
const LONGEST_LINEAR = 12;
/** How far samples lie apart across, so that equal ones are seen. */
const SCATTER = 14;
/** The part of a circle that spreads best: 2 minus the golden ratio. */
const SPREADING = 0.381966;

/** The distribution of each candidate: every sample, the median and its interval. */
export function stripPlot(verdict: Verdict, looks: ReadonlyMap<string, Look>, id: string): string {
  const { measurement, estimates } = verdict;
  const names = [...estimates.keys()];
  const all = names.flatMap((name) => measurement.samples[name] as readonly number[]);
  const scale = scaleOf(all, { from: EDGE, to: WIDTH - EDGE, most: MOST_TICKS, longest: LONGEST_LINEAR });
  const bottom = names.length * ROW;
  const rows = names.map((name, index) => row(verdict, looks.get(name) as Look, scale, index * ROW));
  return `<svg class="plot" viewBox="0 0 ${WIDTH} ${bottom + AXIS}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${escapeHtml(measurement.title)}: every sample</title><desc id="${id}-d">${escapeHtml(described(verdict))}</desc>
${axis(measurement, scale, bottom)}${rows.join('\n')}</svg>`;
}

/** `overlay: median 2.00 ms, 95 % interval 1.98 to 2.05 of 20 samples; …` */
export function described({ measurement, estimates }: Verdict): string {
  const words = [...estimates].map(([name, estimate]) => {
    const interval = formatInterval(estimate, measurement.unit);
    const within = interval && `, 95 % interval ${interval}`;
    const count = `${estimate.count} ${estimate.count === 1 ? 'sample' : 'samples'}`;
    return `${name}: median ${formatQuantity(estimate.median, measurement.unit)}${within}, of ${count}`;
  });
  return `${words.join('; ')}.`;
}

function row({ measurement, estimates }: Verdict, look: Look, scale: Scale, top: number): string {
  const estimate = estimates.get(look.name);
  const samples = measurement.samples[look.name] as readonly number[];
  if (!estimate) return '';
  const { unit } = measurement;
  const middle = top + TEXT + STRIP / 2 + 5;
  const [low, median, high] = [estimate.low, estimate.median, estimate.high].map(scale.at) as [number, number, number];
  const interval = formatInterval(estimate, unit);
  const value = `<tspan class="value">${formatQuantity(estimate.median, unit)}</tspan>${interval && ` (${interval})`}`;
  const lane = `<rect class="lane" x="0" y="${middle - STRIP / 2}" width="${WIDTH}" height="${STRIP}" rx="4"/>`;
  const zero = scale.isLog ? '' : box('bar', look, scale.at(0), median, middle, 8);
  const band = low === high ? '' : box('band', look, low, high, middle, STRIP - 8);
  const marks = samples.map((sample, index) => {
    const offset = samples.length === 1 ? 0 : (((index * SPREADING) % 1) - 0.5) * SCATTER;
    const title = `${look.name}, round ${index + 1}: ${formatQuantity(sample, unit)}`;
    return sampleMark(look, scale.at(sample), middle + offset, title);
  });
  const line = `<line class="median s${look.colour}" x1="${round(median)}" x2="${round(median)}" y1="${middle - STRIP / 2 + 2}" y2="${middle + STRIP / 2 - 2}"/>`;
  return `<g>${lane}${keyMark(look, 5, top + TEXT - 4)}<text class="who" x="14" y="${top + TEXT}">${escapeHtml(look.name)}</text><text class="much" x="${WIDTH}" y="${top + TEXT}">${value}</text>${zero}${band}${marks.join('')}${line}</g>`;
}

function box(kind: string, { colour }: Look, from: number, to: number, middle: number, height: number): string {
  const [left, width] = [Math.min(from, to), Math.max(Math.abs(to - from), 0.5)];
  return `<rect class="${kind} c${colour}" x="${round(left)}" y="${middle - height / 2}" width="${round(width)}" height="${height}"/>`;
}

function axis({ unit, better }: Measurement, scale: Scale, bottom: number): string {
  const ticks = scale.ticks.map((tick) => {
    const x = round(scale.at(tick));
    const anchor = x < 24 ? 'start' : x > WIDTH - 24 ? 'end' : 'middle';
    const at = anchor === 'start' ? 0 : anchor === 'end' ? WIDTH : x;
    return `<line x1="${x}" x2="${x}" y1="${bottom - 6}" y2="${bottom}"/><text x="${at}" y="${bottom + 13}" text-anchor="${anchor}">${formatTick(tick, unit)}</text>`;
  });
  const title = `<text x="${WIDTH / 2}" y="${bottom + 30}" text-anchor="middle">${axisTitle(unit, better, scale.isLog)}</text>`;
  return `<g class="tick" aria-hidden="true">${ticks.join('')}${title}</g>`;
}
