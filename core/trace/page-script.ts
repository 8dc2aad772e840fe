/** What the page does beyond being read; without it there is the whole chart, the legend and the table. */
export const SCRIPT = `
'use strict';
const byId = (id) => document.getElementById(id);
const [chart, plot, ticks, detail, search] = ['chart', 'plot', 'ticks', 'detail', 'search'].map(byId);
const rows = [...document.querySelectorAll('#entries tbody tr')];
document.documentElement.classList.add('scripted');
let chosen = '';
if (chart) startChart();
search.addEventListener('input', filter);
for (const button of document.querySelectorAll('[data-plugin]')) button.addEventListener('click', () => choose(button));

function choose(button) {
  chosen = chosen === button.dataset.plugin ? '' : button.dataset.plugin;
  for (const other of document.querySelectorAll('[data-plugin]'))
    other.setAttribute('aria-pressed', String(other.dataset.plugin === chosen));
  filter();
}

function filter() {
  const words = search.value.toLowerCase().split(' ').filter(Boolean);
  let shown = 0;
  for (const row of rows) {
    const text = row.textContent.toLowerCase();
    row.hidden = !((!chosen || row.dataset.p === chosen) && words.every((word) => text.includes(word)));
    if (!row.hidden) shown++;
  }
  byId('count').textContent = shown + ' of ' + rows.length;
  for (const bar of document.querySelectorAll('.bar')) {
    const row = bar.dataset.row === undefined ? undefined : byId('r' + bar.dataset.row);
    const other = chosen && bar.dataset.p !== chosen;
    bar.classList.toggle('dim', Boolean(row ? row.hidden : other || words.length > 0));
  }
}

function startChart() {
  const total = Number(chart.dataset.total), inner = Number(chart.dataset.inner), least = Number(chart.dataset.least);
  const bars = [...document.querySelectorAll('.bar')].map((bar) => ({ bar, s: Number(bar.dataset.s), d: Number(bar.dataset.d) }));
  let from = 0, span = total, current = bars[0];
  const format = (ns) => ns < 1000 ? Math.round(ns) + ' ns' : ns < 1e6 ? (ns / 1e3).toFixed(1) + ' us' : (ns / 1e6).toFixed(2) + ' ms';
  current.bar.setAttribute('tabindex', '0');

  function draw() {
    for (const { bar, s, d } of bars) {
      const x = (s - from) / span * inner, end = (s + d - from) / span * inner;
      const left = Math.max(-10, x), width = Math.max(least, Math.min(inner + 10, end) - left);
      bar.setAttribute('x', left.toFixed(2));
      bar.setAttribute('width', Math.max(0, width).toFixed(2));
      bar.style.visibility = x > inner || end < -least ? 'hidden' : 'visible';
    }
    for (const name of byId('names').children) {
      const s = Number(name.dataset.s), d = Number(name.dataset.d);
      const left = Math.max(0, (s - from) / span * inner), right = Math.min(inner, (s + d - from) / span * inner);
      name.setAttribute('x', (left + 5).toFixed(2));
      name.setAttribute('visibility', right - left < name.textContent.length * 6.7 + 8 ? 'hidden' : 'visible');
    }
    [...ticks.children].forEach((tick, index) => {
      const after = span * index / ticks.children.length;
      tick.lastChild.textContent = index > 0 && span < total / 20 ? '+' + format(after) : format(from + after);
    });
    byId('view').textContent = format(span) + ' of ' + format(total);
  }
  function view(start, length) {
    span = Math.min(total, Math.max(2000, length));
    from = Math.min(total - span, Math.max(0, start));
    draw();
  }
  const zoom = (factor, at = from + span / 2) => view(at - (at - from) * factor, span * factor);
  const timeAt = (event) => {
    const box = plot.getScreenCTM();
    return from + (event.clientX - box.e) / box.a / inner * span;
  };
  function show({ bar }) {
    detail.textContent = bar.getAttribute('aria-label');
    for (const other of document.querySelectorAll('.now')) other.classList.remove('now');
    bar.classList.add('now');
    if (bar.dataset.row !== undefined) byId('r' + bar.dataset.row).classList.add('now');
  }
  function go(to) {
    if (!to) return;
    current.bar.setAttribute('tabindex', '-1');
    current = to;
    current.bar.setAttribute('tabindex', '0');
    if (to.s < from || to.s > from + span) view(to.s - span / 2, span);
    to.bar.focus({ preventScroll: true });
  }
  const inLane = (lane) => bars.filter(({ bar }) => bar.dataset.lane === lane);
  const lanes = [...new Set(bars.map(({ bar }) => bar.dataset.lane))];
  const nearest = (list) => list.reduce((best, one) => Math.abs(one.s - current.s) < Math.abs(best.s - current.s) ? one : best, list[0]);
  function move(step) {
    const list = inLane(current.bar.dataset.lane);
    go(list[list.indexOf(current) + step]);
  }
  function change(step) {
    const lane = lanes[lanes.indexOf(current.bar.dataset.lane) + step];
    if (lane) go(nearest(inLane(lane)));
  }
  const focusOn = ({ s, d }) => view(s - Math.max(d, 1000), Math.max(d, 1000) * 3);
  const keys = {
    ArrowRight: () => move(1), ArrowLeft: () => move(-1), ArrowDown: () => change(1), ArrowUp: () => change(-1),
    '+': () => zoom(.5, current.s), '-': () => zoom(2, current.s), 0: () => view(0, total), Enter: () => focusOn(current),
  };
  chart.addEventListener('keydown', (event) => {
    if (!keys[event.key] || event.ctrlKey || event.metaKey || event.altKey) return;
    keys[event.key]();
    event.preventDefault();
  });
  for (const one of bars) {
    one.bar.addEventListener('pointerenter', () => show(one));
    one.bar.addEventListener('focus', () => show(one));
    one.bar.addEventListener('click', () => go(one));
    one.bar.addEventListener('dblclick', () => focusOn(one));
  }
  for (const row of rows) row.addEventListener('click', () => {
    const one = bars.find(({ bar }) => 'r' + bar.dataset.row === row.id);
    if (one) { show(one); focusOn(one); }
  });
  plot.addEventListener('wheel', (event) => {
    if (!event.ctrlKey && !event.shiftKey) return;
    event.preventDefault();
    if (event.ctrlKey) zoom(event.deltaY > 0 ? 1.3 : 1 / 1.3, timeAt(event));
    else view(from + Math.sign(event.deltaY || event.deltaX) * span / 10, span);
  }, { passive: false });
  let held;
  chart.addEventListener('pointerdown', (event) => { held = { x: event.clientX, from }; });
  addEventListener('pointermove', (event) => {
    if (held) view(held.from - (event.clientX - held.x) / plot.getScreenCTM().a / inner * span, span);
  });
  addEventListener('pointerup', () => { held = undefined; });
  for (const button of document.querySelectorAll('[data-lane-view]')) button.addEventListener('click', () => {
    const list = inLane(button.dataset.laneView);
    const end = list[list.length - 1];
    if (list.length > 0) view(list[0].s - span / 1e3, end.s + end.d - list[0].s);
  });
  const [near, far, all] = ['in', 'out', 'all'].map(byId);
  near.addEventListener('click', () => zoom(.5));
  far.addEventListener('click', () => zoom(2));
  all.addEventListener('click', () => view(0, total));
  draw();
}
`;
