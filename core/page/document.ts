import { createHash } from 'node:crypto';

export interface HtmlPage {
  /** HTML, as the body is. */
  readonly title: string;
  readonly style: string;
  readonly body: string;
  readonly script?: string;
}

/** A page, whole. Styles and script are named by their hashes: nothing else is run, and nothing is fetched. */
export function htmlPage({ title, style, body, script }: HtmlPage): string {
  const hash = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const scripts = script === undefined ? '' : ` script-src ${hash(script)};`;
  const policy = `default-src 'none'; style-src ${hash(style)};${scripts} base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>${title}</title>
<style>${style}</style></head><body>
${body}
${script === undefined ? '' : `<script>${script}</script>`}</body></html>
`;
}
