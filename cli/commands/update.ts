import { availableParallelism } from 'node:os';
import { type Command, Option } from 'commander';
import { runOption } from '../../core/config/run-options.js';
import { resolveUpdate, UPDATE_KEYS } from '../../core/config/spec/update.js';
import { TsboxError } from '../../core/plugin/error.js';
import type { Finish } from '../command.js';
import { eachContainer } from '../each.js';
import { warn } from '../engine.js';
import { readGlobals } from '../globals.js';
import { givenSettings } from '../run-options.js';

export function define(command: Command, finish: Finish): void {
  command.argument('<container...>', 'name, id, or the beginning of an id');
  for (const key of UPDATE_KEYS) command.addOption(new Option(runOption(key).flags, runOption(key).help));
  command.action(async (names: string[], _options: object, parsed: Command) => {
    const values = givenSettings(parsed);
    if (Object.keys(values).length === 0) throw nothingGiven();
    const update = resolveUpdate({ kind: 'flag', directory: process.cwd(), values }, availableParallelism());
    const { updateContainer } = await import('../../core/containers/update.js');
    const globals = readGlobals(parsed, process.env);
    const act: Parameters<typeof eachContainer>[2] = async (engine, name) => {
      const { warnings } = await updateContainer(engine, name, update);
      for (const warning of warnings) warn(`${name}: ${warning}`, globals);
    };
    finish(await eachContainer(names, parsed, act));
  });
}

function nothingGiven(): TsboxError {
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot update',
    why: 'nothing was given that is to change',
    fix: 'tsbox update --memory 256m CONTAINER; tsbox update --help lists what can be changed',
  });
}
