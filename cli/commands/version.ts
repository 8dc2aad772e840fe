import type { Command } from 'commander';
import { packageVersion } from '../../core/package-version.js';
import type { Finish } from '../command.js';
import { print } from '../output.js';

export function define(command: Command, finish: Finish): void {
  command.action(() => {
    print(`tsbox ${packageVersion()}\n`);
    finish(0);
  });
}
