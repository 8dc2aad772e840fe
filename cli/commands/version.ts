import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { print } from '../output.js';
import { packageVersion } from '../package-version.js';

export function define(command: Command, finish: Finish): void {
  command.action(() => {
    print(`tsbox ${packageVersion()}\n`);
    finish(0);
  });
}
