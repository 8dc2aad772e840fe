import { type CliOptions, type CliResult, runCli } from './run-cli.js';
import type { TempRoot } from './temp-root.js';

/**
 * Runs containers of one image through the command line, without a network unless told otherwise.
 * A script is text for sh; a command is a list.
 */
export function containers(state: TempRoot, image: string, defaults: readonly string[] = ['--network=none']) {
  return (
    flags: readonly string[],
    script: string | readonly string[],
    options: CliOptions = {},
  ): Promise<CliResult> => {
    const command = typeof script === 'string' ? ['sh', '-c', script] : script;
    return runCli([...state.flags, 'run', '--rm', ...defaults, ...flags, image, ...command], options);
  };
}
