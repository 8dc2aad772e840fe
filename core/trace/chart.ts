import { escapeHtml } from '../page/index.js';
import { type Bar, LANES, type Lane } from './bars.js';
import { formatNs } from './text.js';

/** Units of the drawing; the page's script knows them from the data attributes. */
const WIDTH = 1200;
const LABELS = 110;
const RULER = 26;
const ROW = 34;
const BAR = 22;
/** What lasts a microsecond is still seen. */
const NARROWEST = 1.5;
const TICKS = 10;
/** Of the drawing's font. */
const LETTER = 6.7;

const NAMES: Readonly<Record<Lane, string>> = {
  phases: 'engine: phases',
  hooks: 'engine: hooks',
  steps: 'engine: steps',
  launcher: 'launcher',
  child: 'child',
};

/** The timeline as an SVG that needs no script; with one it is zoomed. */
export function chart(bars: readonly Bar[], totalNs: number, colours: ReadonlyMap<string, number>): string {
  const height = RULER + LANES.length * ROW;
  const inner = WIDTH - LABELS;
  const x = (ns: number) => (ns / totalNs) * inner;
  const lines = LANES.map((lane, index) => {
    const y = RULER + index * ROW;
    return `<rect class="lane${index % 2 ? ' odd' : ''}" x="0" y="${y}" width="${WIDTH}" height="${ROW}"/><text class="name" x="8" y="${y + ROW / 2 + 4}">${NAMES[lane]}</text>`;
  });
  const ticks = Array.from({ length: TICKS }, (_, index) => {
    const at = (index / TICKS) * inner;
    const text = formatNs((index / TICKS) * totalNs);
    return `<g class="tick"><line x1="${at}" x2="${at}" y1="${RULER - 6}" y2="${height}"/><text x="${at + 3}" y="${RULER - 10}">${text}</text></g>`;
  });
  const drawn = bars.map((bar, index) => {
    const width = Math.max(NARROWEST, x(bar.durationNs ?? 0));
    const y = RULER + LANES.indexOf(bar.lane) * ROW + (ROW - BAR) / 2;
    const look = bar.waits ? 'waits' : bar.plugin === undefined ? 'phase' : `c${colours.get(bar.plugin)}`;
    const at = `x="${round(x(bar.startNs))}" y="${y}" width="${round(width)}" height="${BAR}"`;
    const data = `data-n="${index}" data-s="${Math.round(bar.startNs)}" data-d="${Math.round(bar.durationNs ?? 0)}"`;
    const row = bar.row === undefined ? '' : ` data-row="${bar.row}"`;
    const failed = bar.fatal ? ' failed' : '';
    return `<rect class="bar ${look}${failed}" ${at} ${data}${row} data-lane="${bar.lane}" data-p="${escapeHtml(bar.plugin ?? '')}" tabindex="-1" role="listitem" aria-label="${escapeHtml(bar.label)}"/>`;
  });
  const names = bars.flatMap(({ name, startNs, durationNs = 0 }) => {
    if (name === undefined) return [];
    const hidden = x(durationNs) < name.length * LETTER + 8 ? ' visibility="hidden"' : '';
    const data = `data-s="${Math.round(startNs)}" data-d="${Math.round(durationNs)}"`;
    return `<text class="on" x="${round(x(startNs) + 5)}" y="${RULER + ROW / 2 + 4}" ${data}${hidden} aria-hidden="true">${name}</text>`;
  });
  return `<svg id="chart" viewBox="0 0 ${WIDTH} ${height}" role="group" aria-label="Timeline of the launch" data-total="${Math.round(totalNs)}" data-inner="${inner}" data-least="${NARROWEST}">
${lines.join('\n')}
<svg id="plot" x="${LABELS}" y="0" width="${inner}" height="${height}" role="list" aria-label="Bars; arrow keys move">
<g id="ticks" aria-hidden="true">${ticks.join('')}</g>
${drawn.join('\n')}
<g id="names">${names.join('')}</g>
</svg></svg>`;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
