import type { Unit } from '../report.js';

/** From a quantity to a place in a drawing. */
export interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
  readonly isLog: boolean;
}

export interface Extent {
  /** Places of the least and of the greatest. */
  readonly from: number;
  readonly to: number;
  /** So many ticks have room. */
  readonly most: number;
  /** Over more than that, what is small would lie on one point. */
  readonly longest: number;
}

/** Steps between ticks that people can count in. */
const STEPS = [1, 2, 2.5, 5, 10];

/** Linear from zero, or logarithmic where the values are too far apart for that. */
export function scaleOf(values: readonly number[], extent: Extent): Scale {
  const [least, greatest] = [Math.min(...values), Math.max(...values)];
  const isLog = least > 0 && greatest > least * extent.longest;
  return isLog ? logScale(least, greatest, extent) : linearScale(Math.min(least, 0), greatest, extent);
}

function linearScale(least: number, greatest: number, { from, to, most }: Extent): Scale {
  const span = greatest - least || 1;
  const raw = span / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = (STEPS.find((one) => one * power >= raw) as number) * power;
  const first = Math.ceil(least / step);
  const count = Math.floor((least + span) / step) - first + 1;
  return {
    at: (value) => from + ((value - least) / span) * (to - from),
    ticks: Array.from({ length: count }, (_, index) => (first + index) * step),
    isLog: false,
  };
}

/** From and to a little outside, so that nothing lies on the edge. */
function logScale(least: number, greatest: number, { from, to, most }: Extent): Scale {
  const [low, high] = [Math.log10(least / 1.15), Math.log10(greatest * 1.15)];
  const [first, last] = [Math.ceil(low), Math.floor(high)];
  const every = Math.ceil((last - first + 1) / most);
  const decades = Array.from({ length: last - first + 1 }, (_, index) => 10 ** (first + index));
  const wide = decades.filter((_, index) => index % every === 0);
  const between = wide.length >= 3 ? [] : [0.2, 0.5, 2, 5].flatMap((part) => decades.map((decade) => decade * part));
  const inside = between.filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
  return {
    at: (value) => from + ((Math.log10(value) - low) / (high - low)) * (to - from),
    ticks: [...new Set([...wide, ...inside])].sort((a, b) => a - b),
    isLog: true,
  };
}

/** A clock counts in tens, a disk in thousands: all units here do. */
export function axisTitle(unit: Unit, better: 'less' | 'more', isLog: boolean): string {
  const quantity = { ns: 'time', bytes: 'bytes', 'bytes/s': 'bytes per second', 'ops/s': 'operations per second' };
  const name = unit === 'count' ? 'number' : quantity[unit];
  return `${name}, ${better} is better${isLog ? ', logarithmic' : ''}`;
}
