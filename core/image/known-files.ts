import { lstatSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';

/** A clock tick of the kernel's is at most ten milliseconds: what changed within it may change again unseen. */
const SETTLED_MS = 50;
const MOST = 64;

interface Known {
  readonly stamp: string;
  readonly text: string;
}

const known = new Map<string, Known>();

/**
 * The text of a file of a directory image, read again only where it has changed. Only of what lies in the directory as
 * the path says: no link, and a regular file; anything else is read each time.
 * @param path absolute, two names: `/etc/passwd`
 */
export function knownText(layer: string, path: string, read: () => string | undefined): string | undefined {
  const place = `${layer}${path}`;
  const stamp = stampOf(place);
  if (stamp === undefined) return read();
  const found = known.get(place);
  if (found?.stamp === stamp) return found.text;
  const text = read();
  if (text === undefined || stampOf(place) !== stamp) return text;
  known.set(place, { stamp, text });
  const [oldest] = known.keys();
  if (known.size > MOST && oldest !== undefined) known.delete(oldest);
  return text;
}

function stampOf(place: string): string | undefined {
  const file = lstatSync(place, { throwIfNoEntry: false });
  if (!file?.isFile() || !isSettled(file)) return undefined;
  const directory = lstatSync(dirname(place), { throwIfNoEntry: false });
  if (!directory?.isDirectory()) return undefined;
  return `${file.dev} ${file.ino} ${file.size} ${file.mtimeMs} ${file.ctimeMs}`;
}

function isSettled({ ctimeMs }: Stats): boolean {
  return Math.abs(Date.now() - ctimeMs) > SETTLED_MS;
}
