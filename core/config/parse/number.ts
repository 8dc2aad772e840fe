import { badValue, type Found } from '../place.js';

/** A whole number in decimal digits, or undefined; `Number('')` being 0 is how lax parsers make root. */
export function digits(text: string): number | undefined {
  if (!/^(0|[1-9]\d*)$/.test(text)) return undefined;
  const number = Number(text);
  return Number.isSafeInteger(number) ? number : undefined;
}

/** A whole number from `least` to `most`. */
export function parseInteger(found: Found<string>, least: number, most: number): number {
  const { value } = found;
  const number = value.startsWith('-') ? negative(value) : digits(value);
  if (number === undefined) throw badValue(found, 'it is not a whole number');
  if (number < least) throw badValue(found, `the least is ${least}`);
  if (number > most) throw badValue(found, `the most is ${most}`);
  return number;
}

function negative(text: string): number | undefined {
  const number = digits(text.slice(1));
  return number === undefined || number === 0 ? undefined : -number;
}

/** CPUs: a decimal from 0.01 to what the machine has. */
export function parseCpus(found: Found<string>, available: number): number {
  if (!/^(\d+\.?\d*|\.\d+)$/.test(found.value)) throw badValue(found, 'it is not a number of CPUs');
  const cpus = Number(found.value);
  if (cpus < 0.01) throw badValue(found, 'a container needs at least 0.01 CPU; without the limit, leave it out');
  if (cpus > available) throw badValue(found, `this machine has ${available} CPUs`);
  return cpus;
}

/** A list as cpuset(7) takes it: `0-2,4`. */
export function parseCpuset(found: Found<string>): string {
  const why = 'it is not a list like 0-2,4';
  for (const part of found.value.split(',')) {
    const [first, last, ...more] = part.split('-').map(digits);
    if (first === undefined || more.length > 0) throw badValue(found, why);
    if (part.includes('-') && (last === undefined || last < first)) throw badValue(found, why);
  }
  return found.value;
}
