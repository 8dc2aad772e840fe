import type { Ratio } from './bootstrap.js';
import type { Unit } from './report.js';
import type { Estimate } from './statistics.js';

type Scale = readonly (readonly [from: number, name: string])[];

const BYTES: Scale = [
  [1, 'B'],
  [1e3, 'kB'],
  [1e6, 'MB'],
  [1e9, 'GB'],
  [1e12, 'TB'],
];
/** Each name begins at so many units. */
const SCALES: Readonly<Record<Unit, Scale>> = {
  ns: [
    [1, 'ns'],
    [1e3, 'us'],
    [1e6, 'ms'],
    [1e9, 's'],
  ],
  bytes: BYTES,
  'bytes/s': BYTES.map(([from, name]) => [from, `${name}/s`] as const),
  'ops/s': [
    [1, 'ops/s'],
    [1e3, 'k ops/s'],
    [1e6, 'M ops/s'],
  ],
  count: [
    [1, ''],
    [1e6, 'M'],
    [1e9, 'G'],
  ],
};
const DIGITS = 3;

/** `2.31 ms`, `412 MB`, `1.20 GB/s`, `33.1 k ops/s`, `12044`: three digits. */
export function formatQuantity(value: number, unit: Unit): string {
  const [from, name] = scaleOf(value, unit);
  return `${digits(value / from, from === 1 && Number.isInteger(value))} ${name}`.trimEnd();
}

/** `2.28 to 2.40`, in the unit in which {@link formatQuantity} shows the median; empty where there is no spread. */
export function formatInterval({ median, low, high }: Estimate, unit: Unit): string {
  if (low === high) return '';
  const [from] = scaleOf(median, unit);
  const [a, b] = [low, high].map((value) => digits(value / from, from === 1 && Number.isInteger(value)));
  return a === b ? `${a}` : `${a} to ${b}`;
}

/** `1.05`, `4.1`, `41`. */
export function formatFactor(factor: number, places = placesOf(factor)): string {
  return Number.isFinite(factor) ? factor.toFixed(places) : 'any number of';
}

/** `39 to 44`; empty where all of it rounds to the factor. */
export function formatFactorInterval({ factor, low, high }: Ratio): string {
  const places = placesOf(factor);
  const [a, b] = [formatFactor(low, places), formatFactor(high, places)];
  return a === b ? '' : `${a} to ${b}`;
}

/** A number for an axis, whose title says per what: no zeros that say nothing. */
export function formatTick(value: number, unit: Unit): string {
  const [from, name] = scaleOf(value, unit);
  const short = value === 0 ? '' : name.replace(/ ?(ops)?\/s$/, '');
  return `${Number((value / from).toPrecision(DIGITS))} ${short}`.trimEnd();
}

function scaleOf(value: number, unit: Unit): readonly [number, string] {
  const scale = SCALES[unit];
  return scale.findLast(([from]) => Math.abs(value) >= from) ?? (scale[0] as readonly [number, string]);
}

function digits(value: number, whole: boolean): string {
  if (whole || value === 0) return String(value);
  const before = Math.floor(Math.log10(Math.abs(value))) + 1;
  return value.toFixed(Math.max(0, DIGITS - Math.max(before, 1)));
}

function placesOf(factor: number): number {
  if (factor < 1.095) return 3;
  if (factor < 1.95) return 2;
  return factor < 9.95 ? 1 : 0;
}
