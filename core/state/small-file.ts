import { readFileSync } from 'node:fs';

/** An object, because Node copies one for each call that names the encoding alone. */
const UTF8 = { encoding: 'utf8', flag: 'r' } as const;

/**
 * The text of a file of ours, or of /proc, that is probably small. As UTF-8 always: a list reads thousands,
 * and for that encoding Node opens, reads, decodes and closes in one call of native code.
 */
export function readSmallFile(path: string): string {
  return readFileSync(path, UTF8);
}
