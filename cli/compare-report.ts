import { writeFileSync } from 'node:fs';
import { againstText, type Report, reportPage, reportText } from '../compare/index.js';
import type { CompareRequest } from './compare-options.js';
import { print, wantsColor } from './output.js';

const STDOUT = 1;
/** Of what is no terminal. */
const WIDTH = 100;

/** Shows a report in all the forms that were asked for. */
export function writeReport(report: Report, { json, html }: CompareRequest, against: Report | undefined): void {
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  if (typeof json === 'string') writeFileSync(json, text);
  if (html !== undefined) writeFileSync(html, reportPage(report, against));
  print(json === true ? text : tables(report, against));
}

function tables(report: Report, against: Report | undefined): string {
  const options = { width: process.stdout.columns || WIDTH, colour: wantsColor(STDOUT, process.env) };
  const parts = [reportText(report, options), ...(against ? [againstText(against, report, options)] : [])];
  return parts.map((part) => (part.endsWith('\n') ? part : `${part}\n`)).join('\n');
}
