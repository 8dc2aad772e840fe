import { PAGE_STYLE, PALETTE } from '../../core/page/index.js';

const strokes = PALETTE.map((_, index) => `.s${index} { stroke: var(--c${index}); }`).join(' ');

export const STYLE = `${PAGE_STYLE}
:root { --good: #14693b; } @media (prefers-color-scheme: dark) { :root { --good: #6fd69b; } }
body { overflow-wrap: anywhere; }
h1 { font-size: 26px; line-height: 1.2; } h2 { font-size: 19px; margin: 36px 0 10px; } h3 { font-size: 15px; margin: 0 0 2px; }
a { color: var(--focus); } nav { margin: 14px 0 0; display: flex; flex-wrap: wrap; gap: 4px 18px; }
.defs { position: absolute; }
.legend { display: flex; flex-wrap: wrap; gap: 6px 20px; margin: 14px 0; padding: 0; list-style: none; }
.legend span { color: var(--quiet); } .legend .swatch, .who .swatch { width: 13px; height: 13px; margin-right: 6px; vertical-align: -2px; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 210px), 1fr)); }
.facts b { font-size: 24px; line-height: 1.2; } .facts strong { color: var(--text); }
.says { margin: 0; padding: 0 0 0 20px; max-width: 100ch; } .says li { margin: 0 0 7px; }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 370px), 1fr)); gap: 16px; }
article { background: var(--panel); border: 1px solid var(--line); border-radius: 10px; padding: 14px 16px; display: flex; flex-direction: column; }
article p { font-size: 13px; margin: 2px 0 6px; } article .verdict { color: var(--text); font-size: 14px; }
.plot { display: block; width: 100%; height: auto; margin-top: 8px; overflow: visible; }
.plot text { font: 12px system-ui, 'DejaVu Sans', sans-serif; fill: var(--quiet); font-variant-numeric: tabular-nums; }
.plot .who { fill: var(--text); font-weight: 600; } .plot .much { text-anchor: end; } .plot .value { fill: var(--text); font-weight: 600; }
.lane { fill: var(--page); } .fact { display: inline-block; } .band { opacity: .28; } .bar { opacity: .4; } .median { stroke-width: 2.5; } .sample { opacity: .75; }
.curve { fill: none; stroke-width: 2; stroke-linejoin: round; } ${strokes}
.growth { margin: 8px 0 0; padding: 0 0 0 18px; font-size: 13px; color: var(--quiet); }
.missing, .warnings li { color: var(--text); } .missing { font-style: italic; }
.wide { overflow-x: auto; margin: 14px 0 0; } .wide table { width: auto; min-width: min(100%, 860px); } .wide th, .wide td { vertical-align: baseline; padding-right: 18px; overflow-wrap: normal; } .wide caption { white-space: nowrap; }
td.missing { max-width: 340px; } tbody th { color: var(--text); font-weight: 400; } tbody th[scope='rowgroup'] { min-width: 150px; }
.better { color: var(--good); } .worse { color: var(--bad); }
pre { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 12px; max-height: 480px; overflow: auto; user-select: all; font-size: 12px; }
summary { cursor: pointer; font-weight: 600; margin: 30px 0 0; } dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 18px; } dd { margin: 0; }
@media (max-width: 480px) { body { padding: 16px 12px 40px; } article { padding: 12px; } }
@media print { article { break-inside: avoid; } }
`;
