/**
 * Twelve hues after Okabe and Ito, which most colour-blind people tell apart, each dark enough for white
 * paper and light enough for a dark one: 3:1 at least against the page, as WCAG 2.2 (1.4.11) wants it of
 * what carries meaning. Nothing is said by colour alone: names are in the legend, the details and the table.
 */
export const PALETTE: readonly { readonly light: string; readonly dark: string }[] = [
  { light: '#0072b2', dark: '#56b4f2' },
  { light: '#c44e00', dark: '#ff9457' },
  { light: '#00805c', dark: '#3fc99a' },
  { light: '#a3378a', dark: '#e48fd2' },
  { light: '#8a6d00', dark: '#e3c24d' },
  { light: '#4b4fc4', dark: '#a6a9ff' },
  { light: '#5b5f6b', dark: '#b9bdc9' },
  { light: '#b0125c', dark: '#ff82b2' },
  { light: '#2384ba', dark: '#98d7ff' },
  { light: '#5d7d00', dark: '#bddb55' },
  { light: '#8c5345', dark: '#dba898' },
  { light: '#007f86', dark: '#4fd2d8' },
];

/** The same colour for a plugin in every page, unless another plugin of the page has it by right of its name. */
export function colourIndexes(plugins: Iterable<string>): Map<string, number> {
  const taken = new Map<string, number>();
  const used = new Set<number>();
  for (const plugin of [...new Set(plugins)].sort()) {
    let index = hash(plugin) % PALETTE.length;
    // With more plugins than colours some share one.
    for (let tries = 0; used.has(index) && tries < PALETTE.length; tries++) index = (index + 1) % PALETTE.length;
    used.add(index);
    taken.set(plugin, index);
  }
  return taken;
}

/** FNV-1a: https://datatracker.ietf.org/doc/draft-eastlake-fnv */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (const byte of Buffer.from(text)) value = Math.imul(value ^ byte, 0x01000193) >>> 0;
  return value;
}
