import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './run-cli.js';

const DEPENDENCIES = ['koffi', '@koromix', 'jiti', 'tsyringe', 'tslib'];

/** Makes `directory` a project that has the built package installed, without what only building needs. */
export function installPackage(directory: string): string {
  const modules = join(directory, 'node_modules');
  mkdirSync(modules, { recursive: true });
  for (const path of ['dist', 'package.json']) {
    cpSync(join(REPOSITORY, path), join(modules, 'tsbox', path), { recursive: true });
  }
  for (const name of DEPENDENCIES) symlinkSync(join(REPOSITORY, 'node_modules', name), join(modules, name));
  return directory;
}
