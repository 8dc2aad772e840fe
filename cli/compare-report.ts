import { writeFileSync } from 'node:fs';
import type { Report } from '../compare/index.js';
import type { CompareRequest } from './compare-options.js';
import { print } from './output.js';

/** Shows a report in all the forms that were asked for. */
export function writeReport(report: Report, { json }: CompareRequest): void {
  const text = `${JSON.stringify(report, undefined, 2)}\n`;
  if (typeof json === 'string') writeFileSync(json, text);
  else print(text);
}
