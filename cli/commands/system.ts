import type { Command } from 'commander';
import type { Finish } from '../command.js';
import { withEngine } from '../with-engine.js';
import { defineSystemDf } from './system-df.js';
import { defineSystemPrune } from './system-prune.js';

export function define(command: Command, finish: Finish): void {
  command.usage('COMMAND').helpCommand(false);
  const using = withEngine(finish);
  defineSystemDf(command, using);
  defineSystemPrune(command, using);
}
