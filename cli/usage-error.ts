import type { Command, CommanderError } from 'commander';
import { TsboxError } from '../core/plugin/error.js';
import { nearest } from '../core/plugin/nearest.js';

/**
 * What commander says about a command line, in our form. Its message is `error: WHY\n(Did you mean X?)`;
 * it makes no suggestion for `--optoin=value`.
 */
export function usageError(error: CommanderError, command: Command): TsboxError {
  const [why = '', suggestion = ''] = error.message.replace(/^error: /, '').split('\n');
  const meant = /\(Did you mean (.*)\?\)/.exec(suggestion)?.[1] ?? meantOption(why, command);
  const help = command.parent ? `tsbox ${command.name()} --help lists the options` : 'tsbox --help lists the commands';
  return new TsboxError('ERR_TSBOX_USAGE', {
    what: 'cannot read the command line',
    why,
    fix: [...(meant ? [`did you mean ${meant}?`] : []), help],
    cause: error,
  });
}

function meantOption(why: string, command: Command): string | undefined {
  const given = /^unknown option '(--[^=']+)/.exec(why)?.[1];
  const options = [command, ...command.commands].flatMap((one) => one.options).filter((option) => !option.hidden);
  return given === undefined
    ? undefined
    : nearest(
        given,
        options.flatMap((option) => option.long ?? []),
      );
}
