import { TsboxError } from '../core/plugin/error.js';
import type { Pruned } from '../core/system/prune.js';
import { formatBytes } from './human.js';
import { print, printError } from './output.js';

/** `Deleted Volumes:` with their names, as docker has it; nothing where none was. */
export function printDeleted(title: string, names: readonly string[]): void {
  if (names.length > 0) print(`Deleted ${title}:\n${names.map((name) => `${name}\n`).join('')}\n`);
}

export function printReclaimed({ bytes }: Pick<Pruned, 'bytes'>): void {
  print(`Total reclaimed space: ${formatBytes(bytes, 4)}\n`);
}

/** Counts what could not be done, and says so: the command goes on. */
export class Problems {
  count = 0;

  readonly report = (error: Error): void => {
    this.count++;
    const fixes = error instanceof TsboxError ? error.fixes.map((fix) => `  fix: ${fix}\n`).join('') : '';
    printError(`tsbox: ${error.message}\n${fixes}`);
  };

  get status(): 0 | 1 {
    return this.count > 0 ? 1 : 0;
  }
}
