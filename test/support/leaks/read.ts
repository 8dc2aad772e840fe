import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** A file's text; empty when it is not there, may not be read, or its process has just ended. */
export function text(path: string): string {
  return attempt(() => readFileSync(path, 'utf8'), '');
}

/** The lines of a file that are not empty. */
export function lines(path: string): string[] {
  return text(path).split('\n').filter(Boolean);
}

export function names(directory: string): string[] {
  return attempt(() => readdirSync(directory).sort(), []);
}

export function link(path: string): string | undefined {
  return attempt(() => readlinkSync(path), undefined);
}

function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch {
    return otherwise;
  }
}
