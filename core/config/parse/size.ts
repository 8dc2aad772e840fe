import { badValue, type Found } from '../place.js';

const SIZE = /^(\d+(?:\.\d+)?)(?: ?(?:b|([kmgtp])(?:i?b)?))?$/i;
const UNITS = ['', 'k', 'm', 'g', 't', 'p'];

/** A size such as `256m` in bytes, or undefined; units are powers of 1024, none is bytes. */
export function sizeInBytes(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (!match) return undefined;
  const power = UNITS.indexOf((match[2] ?? '').toLowerCase());
  const bytes = Math.floor(Number(match[1]) * 1024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** A size in bytes, larger than 0. */
export function parseSize(found: Found<string>): number {
  const bytes = sizeInBytes(found.value);
  if (bytes === undefined) throw badValue(found, 'it is not a size: a number and b, k, m or g');
  if (bytes === 0) throw badValue(found, 'a limit of nothing cannot be kept; without a limit, leave it out');
  return bytes;
}
