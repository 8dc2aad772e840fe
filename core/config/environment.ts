import { nearest } from '../plugin/nearest.js';
import { RUN_KEYS, runOption, variableName } from './run-options.js';
import type { Layer } from './settings.js';

/** Settings of every command; they have variables too: `TSBOX_ROOT`. */
export const GLOBAL_KEYS = ['root', 'runroot', 'config', 'debug', 'quiet'] as const;

/**
 * The settings in `TSBOX_*`. A boolean is true or false (or 1, 0); a list has one item a line.
 * An empty variable is one that is not set.
 */
export function environmentLayer(environment: NodeJS.ProcessEnv, directory: string): Layer {
  const values: Record<string, unknown> = {};
  if (ownVariables(environment).length === 0) return { kind: 'environment', directory, values };
  for (const key of RUN_KEYS) {
    const text = environment[variableName(key)];
    if (text !== undefined && text !== '') values[key] = readText(runOption(key).kind, text);
  }
  return { kind: 'environment', directory, values };
}

/** Variables that look like a misspelt setting of ours: `TSBOX_MEMROY`, with what was meant. */
export function misspeltVariables(environment: NodeJS.ProcessEnv): { name: string; meant: string }[] {
  const names = ownVariables(environment);
  if (names.length === 0) return [];
  const known = [...RUN_KEYS, ...GLOBAL_KEYS].map(variableName);
  return names
    .filter((name) => !known.includes(name))
    .map((name) => ({
      name,
      meant: nearest(
        name.slice(6),
        known.map((word) => word.slice(6)),
      ),
    }))
    .flatMap(({ name, meant }) => (meant ? [{ name, meant: `TSBOX_${meant}` }] : []));
}

function ownVariables(environment: NodeJS.ProcessEnv): string[] {
  return Object.keys(environment).filter((name) => name.startsWith('TSBOX_'));
}

function readText(kind: string, text: string): unknown {
  if (kind === 'list' || kind === 'env') return text.split('\n').filter((line) => line !== '');
  if (kind !== 'boolean') return text;
  // Anything else stays text, and is refused where the setting is read.
  return /^(true|1)$/.test(text) ? true : /^(false|0)$/.test(text) ? false : text;
}
