import { resolve } from 'node:path';
import type { Command } from 'commander';
import type { StatePaths } from '../core/plugin/tokens.js';

/** The options of every command. */
export interface Globals {
  /** Absolute; only those that were given. */
  readonly paths: Partial<StatePaths>;
  readonly config?: string;
  readonly debug: boolean;
  readonly quiet: boolean;
}

/** The nearest first: after the command, before it, the environment. */
export function readGlobals(command: Command, environment: NodeJS.ProcessEnv): Globals {
  const layers: Record<string, unknown>[] = [];
  for (let at: Command | null = command; at; at = at.parent) layers.push(at.opts());
  const text = (key: string): string | undefined => {
    const value = layers.find((layer) => layer[key] !== undefined)?.[key] ?? environment[`TSBOX_${key.toUpperCase()}`];
    return value === undefined || value === '' ? undefined : String(value);
  };
  const [root, runroot, config] = [text('root'), text('runroot'), text('config')];
  return {
    paths: {
      ...(root !== undefined && { root: resolve(root) }),
      ...(runroot !== undefined && { runroot: resolve(runroot) }),
    },
    ...(config !== undefined && { config }),
    debug: isOn(text('debug')),
    quiet: isOn(text('quiet')),
  };
}

const isOn = (text: string | undefined): boolean => text === 'true' || text === '1';
