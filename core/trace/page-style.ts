import { PAGE_STYLE } from '../page/index.js';

export const STYLE = `${PAGE_STYLE}
.target, #detail { font-family: ui-monospace, 'DejaVu Sans Mono', monospace; font-size: 12.5px; }
#chart { display: block; width: 100%; height: auto; touch-action: pan-y; }
#chart text { font: 11px ui-monospace, 'DejaVu Sans Mono', monospace; fill: var(--quiet); }
#chart .name { fill: var(--text); }
.lane { fill: var(--panel); } .lane.odd { fill: var(--odd); }
.bar { cursor: pointer; } .phase { fill: var(--phase); stroke: var(--panel); } #chart .on { fill: var(--page); pointer-events: none; } .waits { fill: var(--waits); }
.bar.failed { stroke: var(--bad); stroke-width: 2; }
.bar:hover, .bar.now { stroke: var(--mark); stroke-width: 2; }
.bar:focus { outline: none; stroke: var(--focus); stroke-width: 3; }
.bar.dim { opacity: .15; }
.tools { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 8px 0 0; }
button, input { font: inherit; color: var(--text); background: var(--page); border: 1px solid var(--quiet); border-radius: 6px; padding: 3px 10px; }
button { cursor: pointer; } button[aria-pressed='true'] { border-color: var(--focus); box-shadow: 0 0 0 1px var(--focus); }
#detail { min-height: 3.2em; margin: 10px 0 0; color: var(--text); overflow-wrap: anywhere; max-width: none; }
.columns { display: grid; grid-template-columns: minmax(0, 3fr) minmax(0, 2fr); gap: 16px; }
@media (max-width: 860px) { .columns { grid-template-columns: minmax(0, 1fr); } }
#entries thead th { position: sticky; top: 0; }
.target { overflow-wrap: anywhere; } .target i { color: var(--quiet); font-style: normal; } .target b { color: var(--bad); }
tr.skipped td { color: var(--quiet); } tr.now td { background: var(--odd); } tr[hidden] { display: none; }
td:first-child, td:has(.swatch) { white-space: nowrap; } #legend button { border: 0; padding: 0 6px; background: none; }
.script { display: none; } .scripted .script { display: flex; }
`;
