import { readFileSync } from 'node:fs';
import { basename, extname } from 'node:path';
import type { Finder, Position } from './position.js';

export type { Finder, Position } from './position.js';

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
