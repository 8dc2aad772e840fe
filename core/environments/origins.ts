import { relative } from 'node:path';
import { Positions } from '../config/positions/index.js';
import { longFlag, RUN_OPTIONS, type RunKey, variableName } from '../config/run-options.js';
import type { Contribution } from './contributions.js';
import type { Origin } from './types.js';

/** Says where values were written. Without lines it parses nothing. */
export class Origins {
  readonly #positions: Positions | undefined;

  /** @param directory files below it are named relative to it */
  constructor(
    readonly directory: string,
    positions: boolean,
  ) {
    this.#positions = positions ? new Positions() : undefined;
  }

  async of({ source, path, key }: Contribution): Promise<Origin> {
    const { kind, file } = source;
    if (kind === 'flag') return { text: isRunKey(key) ? longFlag(key) : `--${key}` };
    if (kind === 'environment') return { text: variableName(key.split('.')[0] as string) };
    if (file === undefined) return { text: 'the call' };
    return this.at(file, path);
  }

  /** The nearest of each key; `contributions` come the nearest first. */
  async nearest(contributions: readonly Contribution[]): Promise<Record<string, Origin>> {
    const origins: Record<string, Origin> = {};
    for (const one of contributions) if (!Object.hasOwn(origins, one.key)) origins[one.key] = await this.of(one);
    return origins;
  }

  async at(file: string, path: readonly (string | number)[]): Promise<Origin> {
    const name = this.#shown(file);
    const position = await this.#positions?.of(file, path);
    if (!position) return { file, text: name };
    const { line, column, exact } = position;
    const text = exact ? `${name}:${line}` : `${name}:${line} (made by code there)`;
    return { file, line, column, text };
  }

  #shown(file: string): string {
    const path = relative(this.directory, file);
    return path.startsWith('..') ? file : path;
  }
}

function isRunKey(key: string): key is RunKey {
  return key in RUN_OPTIONS;
}
