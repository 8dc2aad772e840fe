import type { PlanEntry } from '../engine/index.js';
import { escapeHtml } from '../page/index.js';
import type { PluginTotal, Row } from './bars.js';
import { formatNs } from './text.js';

/** All steps and ops, readable without a script. */
export function entriesTable(rows: readonly Row[], colours: ReadonlyMap<string, number>, isTimed: boolean): string {
  const times = isTimed ? '<th scope="col" class="number">start</th><th scope="col" class="number">took</th>' : '';
  const head = `<tr>${times}<th scope="col">where</th><th scope="col">plugin</th><th scope="col">hook</th><th scope="col">action</th><th scope="col">target</th></tr>`;
  const body = rows.map(({ entry, number }) => rowOf(entry, number, colours, isTimed));
  return `<table id="entries"><caption>${rows.length} steps and system calls${isTimed ? ', by time' : ', in their order'}</caption><thead>${head}</thead><tbody>\n${body.join('\n')}\n</tbody></table>`;
}

function rowOf(entry: PlanEntry, number: number, colours: ReadonlyMap<string, number>, isTimed: boolean): string {
  const { where, plugin, hook, action, target, note, startNs, durationNs, error } = entry;
  const time = (value: number | undefined) => `<td class="number">${value === undefined ? '-' : formatNs(value)}</td>`;
  const what = [escapeHtml(target), note && `<i>(${escapeHtml(note)})</i>`, error && `<b>${escapeHtml(error)}</b>`];
  const skipped = isTimed && startNs === undefined ? ' class="skipped"' : '';
  return `<tr id="r${number}"${skipped} data-p="${escapeHtml(plugin)}">${isTimed ? time(startNs) + time(durationNs) : ''}<td>${where}</td><td>${swatch(plugin, colours)}</td><td>${escapeHtml(hook)}</td><td><code>${escapeHtml(action)}</code></td><td class="target">${what.filter(Boolean).join(' ')}</td></tr>`;
}

/** Who is who, and what each costs. */
export function legend(totals: readonly PluginTotal[], colours: ReadonlyMap<string, number>, isTimed: boolean): string {
  const times = isTimed
    ? '<th scope="col" class="number">in the engine</th><th scope="col" class="number">in the container</th>'
    : '';
  const rows = totals.map(({ plugin, calls, childNs, engineNs }) => {
    const sums = isTimed
      ? `<td class="number">${formatNs(engineNs)}</td><td class="number">${formatNs(childNs)}</td>`
      : '';
    return `<tr><td><button type="button" data-plugin="${escapeHtml(plugin)}" aria-pressed="false">${swatch(plugin, colours)}</button></td><td class="number">${calls}</td>${sums}</tr>`;
  });
  return `<table id="legend"><caption>Plugins</caption><thead><tr><th scope="col">plugin</th><th scope="col" class="number">calls</th>${times}</tr></thead><tbody>\n${rows.join('\n')}\n</tbody></table>`;
}

function swatch(plugin: string, colours: ReadonlyMap<string, number>): string {
  return `<svg class="swatch" viewBox="0 0 10 10" aria-hidden="true"><rect class="c${colours.get(plugin)}" width="10" height="10" rx="2"/></svg>${escapeHtml(plugin)}`;
}
