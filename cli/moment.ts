import { durationInMilliseconds } from '../core/config/parse/duration.js';
import { TsboxError } from '../core/plugin/error.js';

const SECOND = 1_000_000_000n;
const LOCAL_DATE = /^\d{4}-\d\d-\d\d$/;
const DATE_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d)?)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)?$/;
const UNIX = /^(\d{1,12})(?:\.(\d{1,9}))?$/;

/**
 * `--since` and `--until`, in nanoseconds since 1970: a duration (`10m`: so long ago), RFC 3339 (local time
 * without a zone), or seconds since 1970.
 * @param now milliseconds since 1970
 * @throws TsboxError
 */
export function parseMoment(flag: string, text: string, now: number): bigint {
  const unix = UNIX.exec(text);
  if (unix) return BigInt(unix[1] as string) * SECOND + fraction(unix[2]);
  const ago = durationInMilliseconds(text);
  if (ago !== undefined) return BigInt(Math.round((now - ago) * 1e6));
  const [, time = LOCAL_DATE.test(text) ? `${text}T00:00` : undefined, digits, zone = ''] = DATE_TIME.exec(text) ?? [];
  const milliseconds = time === undefined ? Number.NaN : Date.parse(`${time}${zone}`);
  if (!Number.isNaN(milliseconds)) return BigInt(milliseconds) * 1_000_000n + fraction(digits);
  throw new TsboxError('ERR_TSBOX_USAGE', {
    what: `cannot use ${flag} ${JSON.stringify(text)}`,
    why: 'it is no time',
    fix: `${flag} 10m, ${flag} 2026-11-22T03:04:05Z, or seconds since 1970`,
  });
}

/** `5` is half a second. */
function fraction(digits = ''): bigint {
  return BigInt(digits.padEnd(9, '0'));
}
