import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import type { LaunchTrace } from '../../../core/index.js';
import { Chromium } from '../../support/chromium.js';
import { inPage } from '../../support/contrast.js';
import { busyboxImage } from '../../support/image.js';
import { REPOSITORY, runCli } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempRoot } from '../../support/temp-root.js';

const { describe, it } = skipUnless('root', 'busybox', 'chromium');
const { directory, flags } = tempRoot();
const [page, json] = [join(directory, 'trace.html'), join(directory, 'trace.json')];
const artefacts = join(REPOSITORY, 'test-artifacts');
const SCHEMES = ['light', 'dark'] as const;
let browser: Chromium;
let trace: LaunchTrace;

beforeAll(async () => {
  const image = busyboxImage(join(directory, 'image'));
  const run = (file: string) =>
    runCli([...flags, 'run', '--rm', '--network=none', `--trace-file=${file}`, image, 'true']);
  expect(await run(page)).toEqual({ status: 0, stdout: '', stderr: '' });
  expect(await run(json)).toEqual({ status: 0, stdout: '', stderr: '' });
  trace = JSON.parse(readFileSync(json, 'utf8'));
  mkdirSync(artefacts, { recursive: true });
  browser = new Chromium(join(directory, 'chromium'));
});
afterAll(() => browser?.close());

/** The worst contrast of a text with what is behind it, and the text. */
const WORST_TEXT = inPage(`
  let worst = [99, ''];
  for (const element of document.querySelectorAll('h1, p, li, li b, th, td, td i, td b, td code, button, label, input, span, dt, dd, caption')) {
    if (!element.textContent.trim() || !element.checkVisibility()) continue;
    const found = contrast(getComputedStyle(element).color, background(element));
    if (found < worst[0]) worst = [found, element.textContent.trim().slice(0, 40)];
  }
  for (const element of document.querySelectorAll('#chart text')) {
    const behind = element.classList.contains('on')
      ? [getComputedStyle(document.querySelector('.bar.phase')).fill]
      : [...document.querySelectorAll('.lane')].map((lane) => getComputedStyle(lane).fill);
    for (const colour of behind) {
      const found = contrast(getComputedStyle(element).fill, colour);
      if (found < worst[0]) worst = [found, element.textContent];
    }
  }
  return worst;`);

const WORST_BAR = inPage(`
  const lanes = [...document.querySelectorAll('.lane')].map((lane) => getComputedStyle(lane).fill);
  let worst = [99, ''];
  for (const bar of document.querySelectorAll('.bar')) for (const lane of lanes) {
    const found = contrast(getComputedStyle(bar).fill, lane);
    if (found < worst[0]) worst = [found, bar.getAttribute('class')];
  }
  return worst;`);

/** Colours of the bars of each plugin, and the one that the legend gives it. */
const COLOURS = `[...document.querySelectorAll('[data-plugin]')].map((button) => [
  button.dataset.plugin,
  getComputedStyle(button.querySelector('rect')).fill,
  [...new Set([...document.querySelectorAll('.bar:not(.waits)')].filter((bar) => bar.dataset.p === button.dataset.plugin)
    .map((bar) => getComputedStyle(bar).fill))],
])`;

describe.each(SCHEMES)('the page of a trace, in %s', (scheme) => {
  beforeAll(() => browser.open(`file://${page}`, scheme));

  it('opens without a complaint, and asks for nothing', async () => {
    expect(await browser.evaluate('document.title')).toBe('tsbox trace: true');
    expect(await browser.evaluate("document.documentElement.classList.contains('scripted')")).toBe(true);
    expect(browser.complaints).toEqual([]);
    writeFileSync(join(artefacts, `trace-${scheme}.png`), await browser.screenshot());
  });

  it('shows each plugin in a colour of its own', async () => {
    const colours = await browser.evaluate<[string, string, string[]][]>(COLOURS);
    const involved = new Set([...trace.entries, ...trace.hooks].map(({ plugin }) => plugin));
    expect(new Set(colours.map(([plugin]) => plugin))).toEqual(involved);
    expect(new Set(colours.map(([, colour]) => colour)).size).toBe(involved.size);
    for (const [plugin, colour, bars] of colours) expect([plugin, bars]).toEqual([plugin, [colour]]);
  });

  it('can be read: 4.5 to 1 for text, 3 to 1 for bars', async () => {
    const [text, which] = await browser.evaluate<[number, string]>(WORST_TEXT);
    expect(text, which).toBeGreaterThanOrEqual(4.5);
    const [bar, kind] = await browser.evaluate<[number, string]>(WORST_BAR);
    expect(bar, kind).toBeGreaterThanOrEqual(3);
  });
});

describe('the page of a trace', () => {
  const width = "Number(document.activeElement.getAttribute('width'))";

  it('has a bar that can be seen for each step and call that was done', async () => {
    await browser.open(`file://${page}`, 'light');
    const widths = await browser.evaluate<number[]>(
      "[...document.querySelectorAll('.bar')].map((bar) => Number(bar.getAttribute('width')))",
    );
    const rows = await browser.evaluate<number>("document.querySelectorAll('.bar[data-row]').length");
    expect(Math.min(...widths)).toBeGreaterThan(1);
    expect(rows).toBeGreaterThan(100);
  });

  it('is walked through by the keyboard, and zoomed until a microsecond is wide', async () => {
    await browser.evaluate('document.querySelector(\'.bar[tabindex="0"]\').focus()');
    for (const key of ['ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowDown', 'ArrowRight']) await browser.press(key);
    expect(await browser.evaluate('document.activeElement.dataset.lane')).toBe('child');
    const label = await browser.evaluate<string>("document.activeElement.getAttribute('aria-label')");
    expect(await browser.evaluate("document.getElementById('detail').textContent")).toBe(label);
    expect(label).toMatch(/^\S+: \S+ .*at [\d.]+ (us|ms), [\d.]+ (ns|us|ms)$/);
    const before = await browser.evaluate<number>(width);
    await browser.press('Enter');
    expect(await browser.evaluate<number>(width)).toBeGreaterThan(Math.max(50, before));
    writeFileSync(join(artefacts, 'trace-zoomed.png'), await browser.screenshot());
    await browser.press('0');
    expect(await browser.evaluate<number>(width)).toBeCloseTo(before, 0);
  });

  it('finds by words and by plugin', async () => {
    const search = (words: string) =>
      browser.evaluate<string[]>(`(() => {
        const search = document.getElementById('search');
        search.value = ${JSON.stringify(words)};
        search.dispatchEvent(new Event('input'));
        return [...document.querySelectorAll('#entries tbody tr')].filter((row) => !row.hidden).map((row) => row.innerText);
      })()`);
    const found = await search('mounts move_mount');
    expect(found.length).toBeGreaterThan(3);
    for (const row of found) expect(row).toMatch(/mounts[\s\S]*move_mount/);
    await search('');
    await browser.evaluate("document.querySelector('[data-plugin=sandbox]').click()");
    const shown = "[...document.querySelectorAll('#entries tbody tr')].filter((row) => !row.hidden)";
    expect(await browser.evaluate(`[...new Set(${shown}.map((row) => row.dataset.p))]`)).toEqual(['sandbox']);
    await browser.evaluate("document.querySelector('[data-plugin=sandbox]').click()");
  });

  it('has its table, sorted by time, and its chart without a script', async () => {
    await browser.scripts(false);
    await browser.open(`file://${page}`, 'light');
    await browser.scripts(true);
    const rows = await browser.evaluate<number>("document.querySelectorAll('#entries tbody tr').length");
    expect(rows).toBeGreaterThan(300);
    expect(await browser.evaluate("document.querySelectorAll('.bar').length")).toBeGreaterThan(100);
    expect(await browser.evaluate("document.querySelector('.script').checkVisibility()")).toBe(false);
    const starts = await browser.evaluate<string[]>(
      "[...document.querySelectorAll('.bar[data-row]')].map((bar) => [Number(bar.dataset.row), Number(bar.dataset.s)]).sort((a, b) => a[0] - b[0]).map(([, s]) => s)",
    );
    expect(starts).toEqual(starts.toSorted((a, b) => Number(a) - Number(b)));
  });

  it('shows what a command and a path say, and does not execute it', async () => {
    const evil = join(directory, 'evil.html');
    const script = '</script><img src=x onerror=alert(1)>\u0007\u202e';
    await runCli([...flags, 'run', '--rm', '--network=none', `--trace-file=${evil}`, 'host', 'true', script]);
    await browser.open(`file://${evil}`, 'dark');
    expect(await browser.evaluate("document.querySelector('h1 code').textContent")).toContain('</script><img src=x');
    expect(await browser.evaluate("document.querySelectorAll('img').length")).toBe(0);
    expect(browser.complaints).toEqual([]);
  });
});
