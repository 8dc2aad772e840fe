import { TarError } from './tar-error.js';

/** Keywords and values of a pax extended header; values are bytes, as latin1. */
export type PaxRecords = ReadonlyMap<string, string>;

/** pax(1), extended header: records `LENGTH KEYWORD=VALUE\n`, the length counting itself. */
export function parsePax(body: Buffer): PaxRecords {
  const records = new Map<string, string>();
  const text = body.toString('latin1');
  for (let at = 0; at < text.length; ) {
    const digits = /^([1-9][0-9]{0,9}) /.exec(text.slice(at, at + 12))?.[1];
    // Some writers pad the last block's records with zeros.
    if (digits === undefined && /^\0*$/.test(text.slice(at))) break;
    const length = Number(digits ?? Number.NaN);
    const record = text.slice(at + (digits?.length ?? 0) + 1, at + length - 1);
    const equals = record.indexOf('=');
    if (!(at + length <= text.length) || text[at + length - 1] !== '\n' || equals < 1) {
      throw new TarError('it is damaged: an extended header cannot be read');
    }
    records.set(record.slice(0, equals), record.slice(equals + 1));
    at += length;
  }
  return records;
}

/** Extended attributes by name: SCHILY.xattr (GNU tar, star, Go) and LIBARCHIVE.xattr (base64). */
export function paxAttributes(records: PaxRecords): Map<string, Buffer> {
  const attributes = new Map<string, Buffer>();
  for (const [key, value] of records) {
    const [vendor, kind] = key.split('.', 2);
    const name = key.slice(`${vendor}.${kind}.`.length);
    if (kind !== 'xattr') continue;
    if (vendor === 'LIBARCHIVE') attributes.set(safeDecode(name), Buffer.from(value, 'base64'));
    if (vendor === 'SCHILY') attributes.set(name, Buffer.from(value, 'latin1'));
  }
  return attributes;
}

/** Nanoseconds since the epoch of a decimal time such as `1700000000.25`. */
export function paxTime(value: string): bigint {
  const match = /^(-?)([0-9]{1,15})(?:\.([0-9]*))?$/.exec(value);
  if (!match) throw new TarError('it is damaged: an extended header holds an invalid time');
  const [, sign, seconds = '0', fraction = ''] = match;
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'));
  return sign === '-' ? -nanoseconds : nanoseconds;
}

function safeDecode(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
