import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const CODE = ['ts', 'js', 'mjs', 'cjs'];
const PROJECT_FILES = [
  ...CODE.map((extension) => `tsbox.config.${extension}`),
  '.tsboxrc',
  '.tsboxrc.json',
  '.tsboxrc.yaml',
  '.tsboxrc.yml',
];
const USER_FILES = [...CODE, 'json', 'yaml', 'yml'].map((extension) => `config.${extension}`);

/**
 * The project's file: the first one from `directory` upwards. Most runs have none, so this looks
 * with a few stats and nothing is loaded before something was found.
 */
export function findProjectConfig(directory: string): string | undefined {
  const found = firstOf(directory, PROJECT_FILES) ?? packageJson(directory);
  if (found) return found;
  const parent = dirname(directory);
  return parent === directory ? undefined : findProjectConfig(parent);
}

/** The user's file: `$XDG_CONFIG_HOME/tsbox/config.*`, by default below ~/.config. */
export function findUserConfig(environment: NodeJS.ProcessEnv): string | undefined {
  const { XDG_CONFIG_HOME, HOME } = environment;
  const base = XDG_CONFIG_HOME?.startsWith('/') ? XDG_CONFIG_HOME : HOME?.startsWith('/') && join(HOME, '.config');
  if (!base) return undefined;
  return firstOf(join(base, 'tsbox'), USER_FILES);
}

function firstOf(directory: string, names: readonly string[]): string | undefined {
  const prefix = join(directory, '/');
  return names.map((name) => prefix + name).find((file) => existsSync(file));
}

/** A package.json with the key `tsbox`; one that cannot be read says nothing about us. */
function packageJson(directory: string): string | undefined {
  const file = join(directory, 'package.json');
  // Most directories have none, and an error costs more than another question.
  if (!existsSync(file)) return undefined;
  try {
    const text = readFileSync(file, 'utf8');
    return text.includes('"tsbox"') && Object.hasOwn(JSON.parse(text), 'tsbox') ? file : undefined;
  } catch {
    return undefined;
  }
}
