import type { TarEntryType, TarMember } from './tar-entry.js';
import { BLOCK, padded } from './tar-header.js';

const TYPES: Readonly<Record<TarEntryType, string>> = {
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
};
const NAME_LENGTH = 100;
const SECOND = 1_000_000_000n;
/** What octal digits of a field can say. */
const MAX_ID = 0o7777777;
const MAX_SIZE = 0o77777777777;

type PaxRecord = readonly [key: string, value: string];

/**
 * The header of a member, with an extended one before it where a field is too small for what it has to say.
 * @param stored bytes of data that follow
 */
export function headerBlocks(member: TarMember, stored: number, more: readonly PaxRecord[] = []): Buffer {
  const records = [...paxRecords(member, stored), ...more];
  const own = header(member, stored, TYPES[member.type]);
  if (records.length === 0) return own;
  const body = Buffer.from(records.map(paxRecord).join(''), 'latin1');
  const name = `PaxHeaders/${member.name.slice(-NAME_LENGTH + 11)}`;
  const nobody = { mode: 0o644, uid: 0, gid: 0, mtime: 0n, linkName: '', major: 0, minor: 0 };
  return Buffer.concat([header({ ...nobody, name }, body.length, 'x'), filledUp(body), own]);
}

function paxRecords(member: TarMember, stored: number): PaxRecord[] {
  const { name, linkName, uid, gid, mtime, attributes } = member;
  const records: PaxRecord[] = [];
  if (name.length > NAME_LENGTH) records.push(['path', name]);
  if (linkName.length > NAME_LENGTH) records.push(['linkpath', linkName]);
  if (uid > MAX_ID) records.push(['uid', String(uid)]);
  if (gid > MAX_ID) records.push(['gid', String(gid)]);
  if (stored > MAX_SIZE) records.push(['size', String(stored)]);
  if (mtime % SECOND !== 0n || mtime < 0n || mtime / SECOND > MAX_SIZE) records.push(['mtime', paxTime(mtime)]);
  for (const [key, value] of attributes) records.push(attributeRecord(key, value));
  return records;
}

/** The usual keyword has no way to write a name with the sign that ends it. */
function attributeRecord(name: string, value: Buffer): PaxRecord {
  if (!name.includes('=')) return [`SCHILY.xattr.${name}`, value.toString('latin1')];
  return [`LIBARCHIVE.xattr.${encodeURIComponent(name)}`, value.toString('base64')];
}

/** `LENGTH KEYWORD=VALUE\n`, the length counting itself. */
function paxRecord([key, value]: PaxRecord): string {
  const rest = ` ${key}=${value}\n`;
  let length = rest.length + 1;
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
  return `${length}${rest}`;
}

/** Seconds with a fraction; before 1970 the fraction counts backwards too. */
function paxTime(nanoseconds: bigint): string {
  const [sign, absolute] = nanoseconds < 0n ? ['-', -nanoseconds] : ['', nanoseconds];
  const fraction = String(absolute % SECOND).padStart(9, '0');
  return `${sign}${absolute / SECOND}.${fraction}`;
}

type HeaderFields = Pick<TarMember, 'name' | 'linkName' | 'mode' | 'uid' | 'gid' | 'mtime' | 'major' | 'minor'>;

/** pax(1), ustar interchange format. */
function header(fields: HeaderFields, size: number, type: string): Buffer {
  const block = Buffer.alloc(BLOCK);
  const seconds = fields.mtime < 0n ? 0 : Number(fields.mtime / SECOND);
  block.write(fields.name.slice(0, NAME_LENGTH), 0, 'latin1');
  writeOctal(block, 100, 8, fields.mode & 0o7777);
  writeOctal(block, 108, 8, fields.uid);
  writeOctal(block, 116, 8, fields.gid);
  writeOctal(block, 124, 12, size);
  writeOctal(block, 136, 12, seconds);
  block.write(type, 156, 'latin1');
  block.write(fields.linkName.slice(0, NAME_LENGTH), 157, 'latin1');
  block.write('ustar\0' + '00', 257, 'latin1');
  writeOctal(block, 329, 8, fields.major);
  writeOctal(block, 337, 8, fields.minor);
  block.fill(0x20, 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** A number that is too large is 0 here, and in the extended header. */
function writeOctal(block: Buffer, at: number, length: number, value: number): void {
  const digits = value.toString(8).padStart(length - 1, '0');
  block.write(digits.length < length ? digits : '0'.repeat(length - 1), at, 'latin1');
}

function filledUp(body: Buffer): Buffer {
  return Buffer.concat([body, Buffer.alloc(padded(body.length) - body.length)]);
}
