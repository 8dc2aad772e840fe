import { closeSync, constants, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { hasCode } from '../kernel/error.js';

const BEGIN = '# names of containers on the same network, kept up to date by tsbox';
const END = '# end of names';
/** The container can write to its file: one that is larger is no hosts(5) any more. */
const LARGEST = 1 << 20;
const FLAGS = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Where the own names lead of a container that is on no network: the machine itself, as Debian does it. */
export const OWN_LOOPBACK = '127.0.1.1';

/** The file that a container has as /etc/hosts; nobody inside can put something else in its place. */
export function hostsFilePath(containerDirectory: string): string {
  return join(containerDirectory, 'etc', 'hosts');
}

/**
 * Puts lines of hosts(5) into a container's /etc/hosts, in place of those of the last time; what else is
 * in it stays.
 * @returns false where there is no such file (yet)
 * @throws Error when the container has made something of it that cannot be changed
 */
export function writeHostsNames(path: string, lines: readonly string[]): boolean {
  return rewrite(path, (text) => withNames(text, lines));
}

/** The container's own names lead to another address from now on. As {@link writeHostsNames}. */
export function moveHostsAddress(path: string, from: string, to: string): boolean {
  return rewrite(path, (text) => withAddress(text, from, to));
}

/** The file keeps its inode, because it is bound into the container. */
function rewrite(path: string, change: (text: string) => string): boolean {
  let fd: number;
  try {
    fd = openSync(path, FLAGS);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR')) return false;
    throw error;
  }
  try {
    const { size } = fstatSync(fd);
    if (size > LARGEST) throw new Error(`${path} has ${size} bytes: its container has written to it`);
    const old = readWhole(fd, size);
    const text = Buffer.from(change(old.toString('latin1')), 'latin1');
    if (!text.equals(old)) replace(fd, text, old.length);
    return true;
  } finally {
    closeSync(fd);
  }
}

/** The text with another address in its first line of that one that is not between our marks. */
export function withAddress(text: string, from: string, to: string): string {
  const [own, names] = cut(text, `${BEGIN}\n`);
  const lines = own.split('\n');
  const at = lines.findIndex((line) => line.startsWith(`${from}\t`));
  if (at >= 0) lines[at] = `${to}${lines[at]?.slice(from.length)}`;
  return lines.join('\n') + (names === undefined ? '' : `${BEGIN}\n${names}`);
}

/** The text with these lines between our marks, at its end if there were none. */
export function withNames(text: string, lines: readonly string[]): string {
  const [before, rest] = cut(text, `${BEGIN}\n`);
  const after = rest === undefined ? '' : (cut(rest, `${END}\n`)[1] ?? '');
  if (lines.length === 0) return before + after;
  const start = before === '' || before.endsWith('\n') ? before : `${before}\n`;
  return [start, BEGIN, '\n', ...lines.map((line) => `${line}\n`), END, '\n', after].join('');
}

function cut(text: string, mark: string): [before: string, after: string | undefined] {
  const at = text.indexOf(mark);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + mark.length)];
}

function readWhole(fd: number, size: number): Buffer {
  const bytes = Buffer.alloc(size);
  return bytes.subarray(0, readSync(fd, bytes, 0, size, 0));
}

/** One write, as long as the old text: whoever reads meanwhile finds the old lines or the new ones. */
function replace(fd: number, text: Buffer, oldLength: number): void {
  const padded = Buffer.alloc(Math.max(text.length, oldLength), '\n');
  padded.set(text);
  for (let at = 0; at < padded.length; ) at += writeSync(fd, padded, at, padded.length - at, at);
  if (text.length < oldLength) ftruncateSync(fd, text.length);
}
