import { RLIMITS } from '../../kernel/rlimits.js';
import { nearest } from '../../plugin/nearest.js';
import type { Rlimit } from '../../plugin/spec.js';
import { badValue, type Found } from '../place.js';
import { digits } from './number.js';

const NAMES = Object.keys(RLIMITS);
const UNLIMITED = -1;

/** `nofile=1024[:2048]`; `unlimited` or -1 is no limit; the hard limit is the soft one unless given. */
export function parseRlimit(found: Found<string>): Rlimit {
  const [name = '', limits, ...more] = found.value.split('=');
  if (limits === undefined || more.length > 0) throw badValue(found, 'it is not name=soft[:hard]');
  if (!NAMES.includes(name)) throw unknownName(found, name);
  const [first, second, ...rest] = limits.split(':');
  if (rest.length > 0) throw badValue(found, 'it is not name=soft[:hard]');
  const soft = limit(found, first as string);
  const hard = second === undefined ? soft : limit(found, second);
  if (hard !== UNLIMITED && (soft === UNLIMITED || soft > hard))
    throw badValue(found, 'the soft limit is above the hard one');
  return { name, soft, hard };
}

function limit(found: Found<string>, text: string): number {
  if (text === 'unlimited' || text === '-1') return UNLIMITED;
  const number = digits(text);
  if (number === undefined) throw badValue(found, `${JSON.stringify(text)} is neither a number nor unlimited`);
  return number;
}

function unknownName(found: Found<string>, name: string): Error {
  const meant = nearest(name, NAMES);
  return badValue(
    found,
    `there is no limit ${JSON.stringify(name)}`,
    meant ? `did you mean ${meant}?` : `limits: ${NAMES.join(', ')}`,
  );
}
