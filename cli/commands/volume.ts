import type { Command } from 'commander';
import { TsboxError } from '../../core/plugin/error.js';
import { volumeEvent } from '../../core/volumes/event.js';
import { removeVolume } from '../../core/volumes/remove.js';
import type { Finish } from '../command.js';
import { eachArgument } from '../each.js';
import { print } from '../output.js';
import { type WithEngine, withEngine } from '../with-engine.js';
import { defineVolumeInspect } from './volume-inspect.js';
import { defineVolumeList } from './volume-list.js';
import { defineVolumePrune } from './volume-prune.js';

export function define(command: Command, finish: Finish): void {
  command.usage('COMMAND').helpCommand(false);
  const using = withEngine(finish);
  defineCreate(command, using);
  defineVolumeList(command, finish);
  defineVolumeInspect(command, finish);
  defineRemove(command, using);
  defineVolumePrune(command, using);
}

function defineCreate(command: Command, using: WithEngine): void {
  const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];
  command
    .command('create')
    .description('make a volume; without a name an anonymous one')
    .argument('[name]')
    .option('--label <K=V>', 'a label', collect)
    .option('-d, --driver <driver>', 'local')
    .action((name: string | undefined, options: CreateOptions, parsed: Command) =>
      using(parsed, async ({ gate, paths }) => {
        const { createVolume } = await import('../../core/volumes/create.js');
        refuseDriver(options.driver);
        const labels = Object.fromEntries((options.label ?? []).map(splitLabel));
        const made = createVolume(gate, paths.root, { labels, ...(name !== undefined && { name }) });
        volumeEvent(gate, paths.runroot, 'create', made);
        print(`${made}\n`);
        return 0;
      }),
    );
}

interface CreateOptions {
  readonly label?: readonly string[];
  readonly driver?: string;
}

function refuseDriver(driver = 'local'): void {
  if (driver === 'local') return;
  throw new TsboxError('ERR_TSBOX_NO_SUCH_DRIVER', {
    what: 'cannot make a volume',
    why: `there is no volume driver ${JSON.stringify(driver)}`,
    fix: 'leave --driver out, or --driver=local',
  });
}

function splitLabel(text: string): [string, string] {
  const at = text.indexOf('=');
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)];
}

function defineRemove(command: Command, using: WithEngine): void {
  command
    .command('rm')
    .alias('remove')
    .description('remove volumes that no container has, running or not')
    .argument('<volume...>')
    .option('-f, --force', 'no error where there is no such volume')
    .action((names: string[], { force = false }: { readonly force?: boolean }, parsed: Command) =>
      using(parsed, ({ gate, paths }, globals) =>
        eachArgument(names, globals, async (name) => {
          try {
            await removeVolume(gate, paths.root, name);
            volumeEvent(gate, paths.runroot, 'destroy', name);
          } catch (error) {
            if (!force || (error as { code?: unknown }).code !== 'ERR_TSBOX_NO_SUCH_VOLUME') throw error;
          }
        }),
      ),
    );
}
