import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { isRegularFile } from './host-file.js';

/** Directories that ld.so looks into without being told, by `e_machine`; the order does not matter. */
const TRIPLETS: Readonly<Record<number, string>> = {
  3: 'i386-linux-gnu',
  62: 'x86_64-linux-gnu',
  183: 'aarch64-linux-gnu',
};

export function defaultDirectories(machine: number, bits: 32 | 64): string[] {
  const triplet = TRIPLETS[machine];
  const multiarch = triplet === undefined ? [] : [`/lib/${triplet}`, `/usr/lib/${triplet}`];
  return [...multiarch, `/lib${bits}`, `/usr/lib${bits}`, '/lib', '/usr/lib'];
}

/** Directories of /etc/ld.so.conf and of the files that it includes: ldconfig(8). */
export function configuredDirectories(file = '/etc/ld.so.conf', depth = 0): string[] {
  return readLines(file).flatMap((line) => {
    const include = /^include\s+(.+)$/.exec(line)?.[1];
    if (include !== undefined)
      return depth < 8 ? included(include, file).flatMap((path) => configuredDirectories(path, depth + 1)) : [];
    return line.startsWith('/') ? [line.replace(/=.*$/, '').replace(/(.)\/+$/, '$1')] : [];
  });
}

/** musl looks into the directories of this file, and where it is missing into three. */
export function muslDirectories(interpreter: string): string[] {
  const arch = /ld-musl-(.+)\.so/.exec(basename(interpreter))?.[1] ?? '';
  const configured = readLines(`/etc/ld-musl-${arch}.path`)
    .flatMap((line) => line.split(':'))
    .filter(Boolean);
  return configured.length > 0 ? configured : ['/lib', '/usr/local/lib', '/usr/lib'];
}

function included(patterns: string, from: string): string[] {
  return patterns.split(/\s+/).flatMap((pattern) => glob(resolve(dirname(from), pattern)));
}

/** glob(7) of the last component, which is all that distributions use. */
function glob(pattern: string): string[] {
  const source = basename(pattern)
    .replace(/[.+^${}()|\\[\]]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const matcher = new RegExp(`^${source}$`);
  try {
    const names = readdirSync(dirname(pattern)).filter((name) => matcher.test(name) && !name.startsWith('.'));
    return names.sort().map((name) => join(dirname(pattern), name));
  } catch {
    return [];
  }
}

function readLines(path: string): string[] {
  if (!isRegularFile(path)) return [];
  return readFileSync(path, 'utf8')
    .split('\n')
    .map((line) => line.replace(/#.*/, '').trim())
    .filter(Boolean);
}
