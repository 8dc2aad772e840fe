import { TsboxError } from '../plugin/error.js';
import { longFlag, RUN_OPTIONS, type RunKey, runOption, variableName } from './run-options.js';

/** Where a value was written: errors name it, and relative paths start there. */
export interface Place {
  readonly kind: 'flag' | 'environment' | 'file' | 'library';
  readonly key: string;
  /** The config file. */
  readonly file?: string;
  /** Keys in the file that lead to the settings; default `run`. */
  readonly section?: readonly string[];
  /** Absolute; relative paths in the value start here. */
  readonly directory: string;
}

/** A value together with where it was written. */
export interface Found<Value> {
  readonly value: Value;
  readonly place: Place;
  /** Which layer it is from: 0 is the nearest. */
  readonly distance: number;
}

/** Where the error that was made for a place has its value: its line is looked up when the error is shown. */
export const errorPlaces = new WeakMap<Error, Place>();

/** `--memory`, `TSBOX_MEMORY`, `run.memory in /srv/.tsboxrc`. */
export function placeName(place: Place): string {
  if (place.kind === 'flag') return longFlag(place.key as RunKey);
  if (place.kind === 'environment') return variableName(place.key);
  if (place.kind !== 'file') return place.key;
  return `${[...(place.section ?? ['run']), place.key].join('.')} in ${place.file}`;
}

/** The error for a value that cannot be: it names the place, the value, the reason and a good value. */
export function badValue({ value, place }: Found<string>, why: string, fix?: string): TsboxError {
  const example = place.key in RUN_OPTIONS ? runOption(place.key as RunKey).example : undefined;
  const error = new TsboxError(place.kind === 'flag' ? 'ERR_TSBOX_USAGE' : 'ERR_TSBOX_CONFIG', {
    what: `invalid value ${JSON.stringify(value)} for ${placeName(place)}`,
    why,
    fix: fix ?? (example === undefined ? [] : assignment(place, example)),
  });
  errorPlaces.set(error, place);
  return error;
}

/** How a value is written at a place: `--memory=256m`. */
export function assignment(place: Place, value: string): string {
  if (place.kind === 'flag') return `${longFlag(place.key as RunKey)}=${value}`;
  if (place.kind === 'environment') return `${variableName(place.key)}=${value}`;
  return `${place.key}: ${JSON.stringify(value)}`;
}
