import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect } from 'vitest';
import { reportPage } from '../../../compare/page/index.js';
import type { Report } from '../../../compare/report.js';
import { Chromium } from '../../support/chromium.js';
import { inPage } from '../../support/contrast.js';
import { HOST, measurement, reportOf, storageReport } from '../../support/reports.js';
import { REPOSITORY } from '../../support/run-cli.js';
import { skipUnless } from '../../support/skip.js';
import { tempDirectory } from '../../support/temp-root.js';

const { describe, it } = skipUnless('chromium');
const directory = tempDirectory();
const artefacts = join(REPOSITORY, 'test-artifacts');
const SCHEMES = ['light', 'dark'] as const;
const report = storageReport();
const earlier = { ...storageReport(2, 1.4), created: '2026-10-02T08:00:00.000Z', host: { ...HOST, kernel: '6.1.0' } };
const names = ['copy', 'overlay', 'tmpfs'];
let browser: Chromium;

const page = (name: string, ...reports: [Report, Report?]) => {
  const file = join(directory, `${name}.html`);
  writeFileSync(file, reportPage(...reports));
  return `file://${file}`;
};

beforeAll(() => {
  mkdirSync(artefacts, { recursive: true });
  browser = new Chromium(join(directory, 'chromium'));
});
afterAll(() => browser?.close());

/** The worst contrast of a text with what is behind it, and the text; of a drawing, with its lane or its card. */
const WORST_TEXT = inPage(`
  let worst = [99, ''];
  const note = (found, text) => { if (found < worst[0]) worst = [found, text.trim().slice(0, 40)]; };
  for (const element of document.body.querySelectorAll('*')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !element.checkVisibility() || element.closest('title, desc')) continue;
    const colour = element.closest('svg') ? getComputedStyle(element).fill : getComputedStyle(element).color;
    note(contrast(colour, background(element)), element.textContent);
  }
  return worst;`);
const WORST_MARK = inPage(`
  let worst = [99, ''];
  const lane = getComputedStyle(document.querySelector('.lane')).fill;
  for (const mark of document.querySelectorAll('.sample, .swatch use')) for (const behind of [lane, background(mark)]) {
    const found = contrast(getComputedStyle(mark).fill, behind);
    if (found < worst[0]) worst = [found, mark.getAttribute('class')];
  }
  return worst;`);
/** Of each candidate: colour and shape in the legend, and those of its samples. */
const LOOKS = `[...document.querySelectorAll('[data-candidate]')].map((item) => {
  const look = (mark) => getComputedStyle(mark).fill + ' ' + mark.getAttribute('href');
  const own = [...document.querySelectorAll('.sample')].filter((mark) => mark.dataset.of === item.dataset.candidate);
  return [item.dataset.candidate, look(item.querySelector('use')), [...new Set(own.map(look))]];
})`;
const samplesIn = ({ measurements }: Report) =>
  measurements.flatMap(({ samples }) => Object.values(samples)).reduce((sum, { length }) => sum + length, 0);

describe.each(SCHEMES)('the page of a comparison, in %s', (scheme) => {
  beforeAll(async () => {
    await browser.resize(1280, 1000);
    await browser.open(page(scheme, report, earlier), scheme);
  });

  it('opens without a complaint, and asks for nothing', async () => {
    expect(await browser.evaluate('document.title')).toBe('tsbox: Comparison of storage: copy, overlay, tmpfs');
    expect(await browser.evaluate("document.querySelectorAll('script').length")).toBe(0);
    expect(browser.complaints).toEqual([]);
    writeFileSync(join(artefacts, `compare-${scheme}.png`), await browser.screenshot(true));
  });

  it('gives each candidate a colour and a shape of its own, everywhere', async () => {
    const looks = await browser.evaluate<[string, string, string[]][]>(LOOKS);
    expect(looks.map(([name]) => name)).toEqual(names);
    for (const part of [0, 1]) expect(new Set(looks.map(([, look]) => look.split(' #')[part])).size).toBe(3);
    for (const [name, look, own] of looks) expect([name, own]).toEqual([name, [look]]);
  });

  it('can be read: 4.5 to 1 for text, 3 to 1 for samples', async () => {
    const [text, which] = await browser.evaluate<[number, string]>(WORST_TEXT);
    expect(text, which).toBeGreaterThanOrEqual(4.5);
    const [mark, kind] = await browser.evaluate<[number, string]>(WORST_MARK);
    expect(mark, kind).toBeGreaterThanOrEqual(3);
  });

  it.each([390, 1280])('is not moved sideways at %d pixels, and no text of a plot leaves it', async (width) => {
    await browser.resize(width, 844);
    expect(await browser.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const outside = await browser.evaluate<string[]>(`[...document.querySelectorAll('.plot')].flatMap((plot) => {
      const box = plot.getBoundingClientRect();
      const leaves = ({ left, right, bottom }) => left < box.left - 1 || right > box.right + 1 || bottom > box.bottom + 1;
      return [...plot.querySelectorAll('text')].filter((text) => leaves(text.getBoundingClientRect())).map((text) => text.textContent);
    })`);
    expect(outside).toEqual([]);
    if (width === 390) writeFileSync(join(artefacts, `compare-${scheme}-narrow.png`), await browser.screenshot(true));
  });
});

describe('the page of a comparison', () => {
  it('draws every sample, inside of its plot', async () => {
    await browser.resize(1280, 1000);
    await browser.open(page('one', report), 'light');
    expect(await browser.evaluate("document.querySelectorAll('.sample').length")).toBe(samplesIn(report));
    const outside = await browser.evaluate<string[]>(`[...document.querySelectorAll('.sample')].filter((sample) => {
      const [own, plot] = [sample.getBoundingClientRect(), sample.ownerSVGElement.getBoundingClientRect()];
      return own.left < plot.left || own.right > plot.right || own.top < plot.top || own.bottom > plot.bottom || own.width < 3;
    }).map((sample) => sample.textContent)`);
    expect(outside).toEqual([]);
  });

  it('draws them in their order: what is more lies further right', async () => {
    const sketch = { name: 'x', group: 'g', unit: 'ns' as const };
    const linear = measurement({ ...sketch, centres: { a: 5e6, b: 9e6 } });
    const logarithmic = measurement({ ...sketch, name: 'y', centres: { a: 5e3, b: 9e6 } });
    for (const one of [linear, logarithmic]) {
      await browser.open(page(one.name, reportOf([one])), 'light');
      const drawn = await browser.evaluate<number[]>(
        "[...document.querySelectorAll('.sample')].map((sample) => Number(sample.getAttribute('x')))",
      );
      const values = [...one.samples.a!, ...one.samples.b!];
      const order = (list: readonly number[]) => list.map((_, index) => index).sort((a, b) => list[a]! - list[b]!);
      expect(order(drawn).map((index) => drawn[index])).toEqual(order(values).map((index) => drawn[index]));
    }
  });

  it('has plots with names and descriptions, tables with heads, and nothing twice', async () => {
    await browser.open(page('one', report), 'light');
    const plots = await browser.evaluate<string[][]>(`[...document.querySelectorAll('.plot')].map((plot) =>
      plot.getAttribute('aria-labelledby').split(' ').map((id) => document.getElementById(id).textContent))`);
    expect(plots.length).toBeGreaterThan(9);
    for (const [title, description] of plots) {
      expect(title!.length).toBeGreaterThan(5);
      expect(description).toMatch(/^copy: .*\.$/);
    }
    const ids = await browser.evaluate<string[]>("[...document.querySelectorAll('[id]')].map(({ id }) => id)");
    expect(new Set(ids).size).toBe(ids.length);
    const cells = await browser.evaluate<number>("document.querySelectorAll('tbody th[scope=row]').length");
    expect(cells).toBe(report.measurements.length * names.length);
    expect(await browser.evaluate("document.querySelectorAll('thead th:not([scope=col])').length")).toBe(0);
  });

  it('is walked through by the keyboard: links, tables, the JSON', async () => {
    const focusable = "[...document.querySelectorAll('a, summary, [tabindex]')]";
    expect(await browser.evaluate(`${focusable}.every((one) => one.tabIndex === 0)`)).toBe(true);
    const targets = await browser.evaluate<boolean[]>(
      "[...document.querySelectorAll('nav a')].map((link) => document.querySelector(link.getAttribute('href')) !== null)",
    );
    expect(targets).toEqual([true, true, true, true]);
  });

  it('has the whole report in it, as text and to be saved', async () => {
    const text = await browser.evaluate<string>("document.querySelector('pre').textContent");
    expect(JSON.parse(text)).toEqual(report);
    const [link, name] = await browser.evaluate<[string, string]>(
      "[document.querySelector('a[download]').href, document.querySelector('a[download]').download]",
    );
    expect(name).toBe('tsbox-compare-storage-2026-11-20.json');
    expect(JSON.parse(Buffer.from(link.split(',')[1]!, 'base64').toString())).toEqual(report);
  });

  it('says what changed since an earlier report, and that it was another host', async () => {
    await browser.open(page('since', report, earlier), 'light');
    const said = await browser.evaluate<string>("document.querySelector('section[aria-labelledby=since]').innerText");
    expect(said).toContain('Since 2026-10-02 08:00 UTC');
    expect(said).toContain('Warning: another host: kernel was 6.1.0, is 6.12.48');
    expect(said).toMatch(/removal\s+copy\s+\d+ ms\s+\d+(\.\d)? ms\s+1\.\d+ times faster/);
  });

  it('shows what names and reasons say, and does not execute it', async () => {
    const evil = '</script><img src=x onerror=alert(1)>"\u202e';
    const one = measurement({ name: evil, group: evil, title: evil, unit: 'ns', centres: { [evil]: 5e6, b: 9e6 } });
    const hostile = { candidates: [{ name: evil, about: evil }, { name: 'b' }, { name: 'c', skipped: evil }] };
    await browser.open(
      page('evil', reportOf([{ ...one, missing: { c: evil } }], { ...hostile, subject: { [evil]: evil } })),
      'dark',
    );
    expect(await browser.evaluate("document.querySelector('h1').textContent")).toContain('<img src=x');
    expect(await browser.evaluate("document.querySelectorAll('img, script').length")).toBe(0);
    expect(await browser.evaluate("document.querySelectorAll('.sample').length")).toBe(40);
    expect(browser.complaints).toEqual([]);
  });

  it('of nothing but reasons is a page all the same', async () => {
    const none = {
      ...measurement({ name: 'x', group: 'g', unit: 'ns', centres: {} }),
      missing: { a: 'no such device' },
    };
    await browser.open(page('none', reportOf([none], { candidates: [{ name: 'a' }] })), 'light');
    expect(await browser.evaluate('document.body.innerText')).toContain('no number of a: no such device');
    expect(browser.complaints).toEqual([]);
  });
});
