import { PALETTE } from './colours.js';

const colours = (kind: 'light' | 'dark') => PALETTE.map((colour, index) => `--c${index}: ${colour[kind]};`).join(' ');
const classes = PALETTE.map((_, index) => `.c${index} { fill: var(--c${index}); }`).join('\n');
/** What all pages look like: colours of both schemes, text, tables, and a class for each colour of the palette. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --page: #ffffff; --panel: #f4f5f8; --odd: #eceef3; --line: #c9cdd8; --text: #1b1e27; --quiet: #525868;
  --mark: #1b1e27; --phase: #5d6371; --waits: #7b818f; --focus: #0b57d0; --bad: #b3261e;
  ${colours('light')}
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14161b; --panel: #1d2027; --odd: #232730; --line: #3d434f; --text: #eceef3; --quiet: #a9b0bf;
    --mark: #ffffff; --phase: #8b92a3; --waits: #7d8494; --focus: #8ab4f8; --bad: #ff8a80;
    ${colours('dark')}
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1280px; padding: 24px 20px 60px; background: var(--page); color: var(--text); font: 14px/1.45 system-ui, 'DejaVu Sans', sans-serif; }
h1 { font-size: 20px; margin: 0 0 4px; overflow-wrap: anywhere; }
h1 code { font-size: 18px; }
code, .number { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 12.5px; }
p { margin: 4px 0 12px; color: var(--quiet); max-width: 90ch; }
.facts { display: flex; flex-wrap: wrap; gap: 10px; margin: 14px 0; padding: 0; list-style: none; }
.facts li { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 8px 14px; color: var(--quiet); }
.facts b { display: block; font-size: 18px; color: var(--text); font-variant-numeric: tabular-nums; }
.frame { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 10px; margin: 0 0 16px; }
.tick line { stroke: var(--line); stroke-width: 1; }
${classes}
:focus-visible { outline: 2px solid var(--focus); outline-offset: 1px; }
table { border-collapse: collapse; width: 100%; }
caption { text-align: left; font-weight: 600; padding: 6px 0; }
th.number { font-family: inherit; font-size: inherit; }
th, td { text-align: left; padding: 3px 10px 3px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--quiet); font-weight: 600; background: var(--page); }
.number { text-align: right; white-space: nowrap; font-variant-numeric: tabular-nums; }
.swatch { width: 11px; height: 11px; margin-right: 7px; vertical-align: -1px; }
dt { font-weight: 600; } dd { margin: 0 0 8px; color: var(--quiet); } dl { margin: 6px 0; }
`;
