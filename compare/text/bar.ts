const FULL = '\u2588';
/** One to seven eighths of a cell, from its left edge. */
const PARTS = ['\u258f', '\u258e', '\u258d', '\u258c', '\u258b', '\u258a', '\u2589'];
const EIGHTHS = 8;

/** A bar of so much of `width` cells; what is there is seen, however little it is. */
export function bar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(Math.max(fraction, 0), 1) * width * EIGHTHS);
  const shown = fraction > 0 ? Math.max(eighths, 1) : 0;
  const rest = shown % EIGHTHS;
  return FULL.repeat(Math.floor(shown / EIGHTHS)) + (rest === 0 ? '' : (PARTS[rest - 1] as string));
}
