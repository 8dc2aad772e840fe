import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';

/** Where a value stands in a file; lines and columns count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
  /** False where code made the value: then this is the nearest thing around it that was written. */
  readonly exact: boolean;
}

/** Finds values in the text of one file. */
export type Finder = (path: readonly (string | number)[]) => Position | undefined;

/**
 * Lines of values in config files. Files are parsed a second time for it, by parsers that keep positions,
 * so only explanations and errors ask.
 */
export class Positions {
  readonly #finders = new Map<string, Promise<Finder>>();

  /** @param path keys and indices, from the top of what the file says to tsbox; undefined where nothing is known */
  async of(file: string, path: readonly (string | number)[]): Promise<Position | undefined> {
    let finder = this.#finders.get(file);
    if (!finder) {
      // A file that is gone by now, or that no parser takes, has no lines: that is no reason to fail.
      finder = finderOf(file).catch(() => () => undefined);
      this.#finders.set(file, finder);
    }
    return (await finder)(basename(file) === 'package.json' ? ['tsbox', ...path] : path);
  }
}

async function finderOf(file: string): Promise<Finder> {
  const text = readFileSync(file, 'utf8');
  const extension = extname(file);
  if (/^\.[cm]?[jt]s$/.test(extension)) return (await import('./module.js')).moduleFinder(text, extension);
  if (extension === '.json') return (await import('./module.js')).jsonFinder(text);
  return (await import('./yaml.js')).yamlFinder(text);
}
