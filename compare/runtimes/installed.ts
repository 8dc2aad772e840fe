import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { output } from './spawned.js';

/** @throws Error when it is not in PATH */
export function requireInstalled(program: string): void {
  const found = (process.env.PATH ?? '').split(delimiter).some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return directory !== '';
    } catch {
      return false;
    }
  });
  if (!found) throw new Error('it is not installed');
}

/** The first line of what it says of itself. @throws Error */
export async function versionOf(program: string): Promise<string> {
  requireInstalled(program);
  return (await output(program, ['--version'])).split('\n')[0] ?? program;
}
