import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resolvePackage } from '../config/load-module.js';

const FILES = ['ts', 'js', 'mjs', 'cjs'].map((extension) => `tsbox.config.${extension}`);

/**
 * The file of a package that has its environments: its package.json with the key `tsbox`, its
 * tsbox.config, or its main module, whose default export is a config or an environment.
 * @param from the file that names the package
 * @throws when it is not installed
 */
export async function findPackageConfig(name: string, from: string): Promise<string> {
  const directory = packageDirectory(name, dirname(from));
  if (directory !== undefined) {
    const manifest = join(directory, 'package.json');
    if (Object.hasOwn(JSON.parse(readFileSync(manifest, 'utf8')), 'tsbox')) return manifest;
    const file = FILES.map((one) => join(directory, one)).find((one) => existsSync(one));
    if (file !== undefined) return file;
  }
  return resolvePackage(name, from);
}

/** As node looks for it: in every node_modules upwards. */
function packageDirectory(name: string, directory: string): string | undefined {
  const candidate = join(directory, 'node_modules', name);
  if (existsSync(join(candidate, 'package.json'))) return candidate;
  const parent = dirname(directory);
  return parent === directory ? undefined : packageDirectory(name, parent);
}
