import type { LaunchTrace, PlanEntry } from '../engine/index.js';
import { colourIndexes, escapeHtml, htmlPage } from '../page/index.js';
import { barsOf, rowsOf, totalsOf } from './bars.js';
import { chart } from './chart.js';
import { SCRIPT } from './page-script.js';
import { STYLE } from './page-style.js';
import { entriesTable, legend } from './table.js';
import { formatNs } from './text.js';

/** A launch with its times. */
export function tracePage(trace: LaunchTrace): string {
  const { container, entries, hooks, durationNs, startedAt } = trace;
  const colours = colourIndexes([...entries, ...hooks].map(({ plugin }) => plugin));
  const rows = rowsOf(entries);
  const done = entries.filter(({ startNs }) => startNs !== undefined);
  const command = escapeHtml(container.command.join(' '));
  const facts = [
    [formatNs(durationNs), 'until the command ran'],
    [formatNs(lastEnd(done.filter(({ where }) => where === 'child'))), 'in the child, from its first call'],
    [String(done.filter(({ where }) => where === 'engine').length), 'steps of the engine'],
    [String(done.filter(({ where }) => where !== 'engine').length), 'system calls'],
  ];
  return document_(
    `tsbox trace: ${command}`,
    `<h1>Launch of <code>${command}</code></h1>
<p>Container ${escapeHtml(container.name)} (${container.id.slice(0, 12)}) of ${escapeHtml(container.image)}, ${escapeHtml(startedAt)}</p>
<ul class="facts">${facts.map(([value, name]) => `<li><b>${value}</b>${name}</li>`).join('')}</ul>
<div class="frame">${chart(barsOf(trace, rows), durationNs, colours)}
<div class="tools script"><button type="button" id="in">zoom in</button><button type="button" id="out">zoom out</button><button type="button" id="all">whole launch</button><button type="button" data-lane-view="child">the child</button><button type="button" data-lane-view="launcher">the launcher</button><span id="view"></span></div>
<div class="tools script"><span>Hover or click a bar; arrow keys move, + and - zoom, Enter shows one bar, 0 the whole launch. Drag to move, Ctrl and the wheel to zoom.</span></div>
<p id="detail" aria-live="polite"></p></div>
<div class="columns"><div>${legend(totalsOf(trace), colours, true)}</div><div>${measured(trace)}</div></div>
${searchBox()}${entriesTable(rows, colours, true)}`,
  );
}

/** A launch that is not made: what would be done, without times. */
export function planPage(title: string, entries: readonly PlanEntry[]): string {
  const colours = colourIndexes(entries.map(({ plugin }) => plugin));
  const trace = { entries, hooks: [] } as unknown as LaunchTrace;
  return document_(
    `tsbox plan: ${escapeHtml(title)}`,
    `<h1>Plan of <code>${escapeHtml(title)}</code></h1><p>What a launch would do; nothing of it was done.</p>
${legend(totalsOf(trace), colours, false)}${searchBox()}${entriesTable(rowsOf(entries), colours, false)}`,
  );
}

function document_(title: string, body: string): string {
  return htmlPage({ title, style: STYLE, body, script: SCRIPT });
}

function searchBox(): string {
  return '<div class="tools script"><label for="search">Search</label><input id="search" type="search" placeholder="mount, /proc, sandbox"><span id="count" aria-live="polite"></span></div>';
}

function measured({ clockErrorNs }: LaunchTrace): string {
  return `<dl><dt>What is measured</dt>
<dd>Steps, hooks and phases of the engine by CLOCK_MONOTONIC, around the call: with the JavaScript of it.</dd>
<dd>System calls by the processor's cycle counter, which the launcher reads before each; a call ends where the next one begins, so it includes the launcher's own few nanoseconds. The counter is calibrated by CLOCK_REALTIME at both ends.</dd>
<dd>The exec that works never comes back: its bar has a beginning only. A barrier is waiting, and counts for nobody.</dd>
<dd>The clocks of engine and launcher were matched to ${formatNs(clockErrorNs)}; a clock that was set during the launch would shift the lower two lanes.</dd></dl>`;
}

function lastEnd(entries: readonly PlanEntry[]): number {
  const [first, last] = [entries[0], entries.at(-1)];
  return (last?.startNs ?? 0) + (last?.durationNs ?? 0) - (first?.startNs ?? 0);
}
