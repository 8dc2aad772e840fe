import { escapeHtml } from '../../core/page/index.js';
import type { Report } from '../report.js';

/** The report itself, in the page: to be saved, or taken with one click, without a script. */
export function rawSection(report: Report): string {
  const text = JSON.stringify(report, undefined, 1);
  const name = `tsbox-compare-${report.kind}-${report.created.slice(0, 10)}.json`;
  const link = `data:application/json;base64,${Buffer.from(`${text}\n`).toString('base64')}`;
  const lines = numbersInLines(text).split('\n').map(escapeHtml);
  return `<details><summary>The report as JSON, with every sample</summary>
<p><a href="${link}" download="${escapeHtml(name)}">Save ${escapeHtml(name)}</a>, or click into it, which selects all, and copy. <code>tsbox compare --against</code> reads it.</p>
<pre class="wide" tabindex="0" role="region" aria-label="The report as JSON">${lines.join('\n')}</pre></details>`;
}

/** Lists of numbers in one line each. No string of JSON has a line end in it. */
function numbersInLines(json: string): string {
  return json.replace(/\[\n([^\]"{[]*)\n *\]/g, (_, inner: string) => `[${inner.trim().replace(/\n */g, ' ')}]`);
}
