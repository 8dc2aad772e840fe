import type { Library } from './libraries.js';

/**
 * Writes /etc/ld.so.cache, which ld.so asks before its default directories: libraries that the host
 * finds through /etc/ld.so.conf are found in the image too. The format is glibc's
 * "glibc-ld.so.cache1.1" (sysdeps/generic/dl-cache.h), read by every glibc since 2.2.
 */
const MAGIC = 'glibc-ld.so.cache1.1';
const HEADER_SIZE = 48;
const ENTRY_SIZE = 24;
const LITTLE_ENDIAN_FLAG = 2;
/** ELF for glibc 2, and the ABI by `e_machine`. */
const ELF_LIBC6 = 0x0003;
const ABI: Readonly<Record<number, number>> = { 3: 0, 62: 0x0300, 183: 0x0a00 };

export function ldCache(libraries: readonly Library[]): Buffer {
  const entries = libraries
    .filter(({ elf, name }) => ABI[elf.machine] !== undefined && !name.includes('/'))
    .sort((a, b) => compareNames(b.name, a.name));
  const strings: Buffer[] = [];
  let end = HEADER_SIZE + entries.length * ENTRY_SIZE;
  const place = (text: string): number => {
    const bytes = Buffer.from(`${text}\0`);
    strings.push(bytes);
    end += bytes.length;
    return end - bytes.length;
  };
  const table = Buffer.alloc(entries.length * ENTRY_SIZE);
  for (const [index, { name, path, elf }] of entries.entries()) {
    const at = index * ENTRY_SIZE;
    table.writeInt32LE(ELF_LIBC6 | (ABI[elf.machine] as number), at);
    table.writeUInt32LE(place(name), at + 4);
    table.writeUInt32LE(place(path), at + 8);
  }
  const header = Buffer.alloc(HEADER_SIZE);
  header.write(MAGIC, 0, 'latin1');
  header.writeUInt32LE(entries.length, 20);
  header.writeUInt32LE(end - HEADER_SIZE - table.length, 24);
  header.writeUInt8(LITTLE_ENDIAN_FLAG, 28);
  return Buffer.concat([header, table, ...strings]);
}

/** The order of ld.so's binary search: digits compare as numbers and above all else. */
export function compareNames(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (let index = 0; index < Math.max(left.length, right.length); index++) {
    const [x, y] = [left[index], right[index]];
    if (x === y) continue;
    if (typeof x === 'number' && typeof y === 'number') return x - y;
    if (typeof x === 'number') return 1;
    if (typeof y === 'number') return -1;
    return (x ?? '') < (y ?? '') ? -1 : 1;
  }
  return 0;
}

function parts(name: string): (string | number)[] {
  return (name.match(/[0-9]+|[^0-9]/g) ?? []).map((part) => (/^[0-9]/.test(part) ? Number(part) : part));
}
