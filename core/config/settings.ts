import { TsboxError } from '../plugin/error.js';
import { badValue, type Found, type Place, placeName } from './place.js';
import type { RunKey, RunSettings } from './run-options.js';

/** Settings from one place, with what errors and relative paths need. */
export interface Layer {
  readonly kind: Place['kind'];
  readonly file?: string;
  /** Keys in the file that lead to `values`; default `run`. */
  readonly section?: readonly string[];
  /** Absolute; relative paths in the values start here. */
  readonly directory: string;
  readonly values: RunSettings;
}

/** Lists whose order is their meaning: the nearest one counts, whole. All others add up. */
export const NEAREST_LISTS = ['dns', 'dnsSearch', 'dnsOption'] as const satisfies readonly RunKey[];

/** Layers of settings, the nearest first: a flag before the environment before files. */
export class Settings {
  readonly #layers: readonly Layer[];

  constructor(layers: readonly Layer[]) {
    this.#layers = layers;
  }

  /** The nearest value of a setting that has one value. */
  one(key: RunKey): Found<string> | undefined {
    const layer = this.#layers.find((candidate) => candidate.values[key] !== undefined);
    return layer && this.#text(layer, key, layer.values[key]);
  }

  /** The nearest value, parsed; the key is left out of the object where there is none. */
  parsed<Name extends string, Value>(
    name: Name,
    key: RunKey,
    parse: (found: Found<string>) => Value,
  ): { [K in Name]?: Value } {
    const found = this.one(key);
    return (found ? { [name]: parse(found) } : {}) as { [K in Name]?: Value };
  }

  /** Whether a setting is on. */
  on(key: RunKey): boolean {
    for (const layer of this.#layers) {
      const value = layer.values[key];
      if (typeof value === 'boolean') return value;
      if (value !== undefined) throw badValue(this.#text(layer, key, value), 'it is neither true nor false');
    }
    return false;
  }

  /** All values of a setting that may be repeated: they add up, the nearest last, so that it wins. */
  all(key: RunKey): Found<string>[] {
    const all: Found<string>[] = [];
    for (let index = this.#layers.length - 1; index >= 0; index--) {
      const layer = this.#layers[index] as Layer;
      // Of some forty settings a launch is given a few.
      if (layer.values[key] !== undefined) all.push(...this.#items(layer, key));
    }
    return all;
  }

  /** The values of the nearest layer that has any: where the order is the meaning. */
  nearest(key: (typeof NEAREST_LISTS)[number]): Found<string>[] {
    const layer = this.#layers.find((candidate) => candidate.values[key] !== undefined);
    return layer ? this.#items(layer, key) : [];
  }

  /** Where each setting that was given came from, the nearest place of each. */
  origins(): Record<string, string> {
    const nearestLast = this.#layers.toReversed();
    const given = nearestLast.flatMap((layer) =>
      Object.entries(layer.values).flatMap(([key, value]) => (value === undefined ? [] : [{ layer, key }])),
    );
    return Object.fromEntries(given.map(({ layer, key }) => [key, placeName(this.#place(layer, key))]));
  }

  #place({ kind, file, directory, section }: Layer, key: string): Place {
    return { kind, key, directory, ...(file !== undefined && { file }), ...(section && { section }) };
  }

  #items(layer: Layer, key: RunKey): Found<string>[] {
    const value: unknown = layer.values[key];
    if (value === undefined) return [];
    if (!Array.isArray(value) && typeof value === 'object' && value !== null) {
      return Object.entries(value).map(([name, text]) => this.#text(layer, key, `${name}=${text}`));
    }
    return [value].flat().map((item) => this.#text(layer, key, item));
  }

  #text(layer: Layer, key: RunKey, value: unknown): Found<string> {
    const place = this.#place(layer, key);
    const found = { value: String(value), place, distance: this.#layers.indexOf(layer) };
    // The kernel would cut the text there, and something else than was checked would be used.
    if (found.value.includes('\0')) throw badValue(found, 'it has a NUL byte');
    return found;
  }
}

/** Refuses two values that exclude each other. */
export function conflict(one: Found<string>, other: Found<string>, why: string, fix: string): TsboxError {
  return new TsboxError('ERR_TSBOX_INVALID_SPEC', {
    what: `cannot combine ${placeName(one.place)} ${one.value} with ${placeName(other.place)} ${other.value}`,
    why,
    fix,
  });
}
