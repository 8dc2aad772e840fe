import type { Change } from './against.js';
import { formatFactor, formatFactorInterval } from './units.js';

/** What all times share below this is not worth a word. */
const WORTH_SAYING = 1.05;

/** `1.3 times slower (1.2 to 1.4)`: what became of a quantity. */
export function changeWords({ measurement, isBetter, ratio, before, now }: Change): string {
  const { unit } = measurement;
  const grew = now.median > before.median;
  const direction = unit === 'bytes' || unit === 'count' ? (grew ? 'more' : 'less') : isBetter ? 'faster' : 'slower';
  if (!ratio) return direction;
  const interval = formatFactorInterval(ratio);
  return `${formatFactor(ratio.factor)} times ${direction}${interval && ` (${interval})`}`;
}

/** A caution, where all moved together. */
export function sharedWords(shared: number | undefined): string {
  if (shared === undefined) return '';
  const factor = shared < 1 ? 1 / shared : shared;
  if (factor < WORTH_SAYING) return '';
  const moved = shared < 1 ? 'shorter' : 'longer';
  return `in the middle of all candidates and workloads, times are ${formatFactor(factor)} times ${moved}: the two reports were not measured in turn, so that may be the machine`;
}
