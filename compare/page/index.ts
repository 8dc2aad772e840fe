import { escapeHtml, htmlPage, PAGE_STYLE } from '../../core/page/index.js';
import { conclude } from '../conclude.js';
import type { Report } from '../report.js';

/** A report as a page for people. @param against an earlier one: the page says what changed since */
export function reportPage(report: Report, _against?: Report): string {
  const { sentences } = conclude(report);
  const title = `tsbox: comparison of ${report.kind}`;
  const body = `<h1>${title}</h1><ul>${sentences.map((one) => `<li>${escapeHtml(one)}</li>`).join('')}</ul>`;
  return htmlPage({ title, style: PAGE_STYLE, body });
}
