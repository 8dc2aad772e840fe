import type { Command } from 'commander';
import type { Engine } from '../../core/engine/index.js';
import { volumeEvent } from '../../core/volumes/event.js';
import { confirm } from '../confirm.js';
import { readFilters } from '../filter.js';
import { Problems, printDeleted, printReclaimed } from '../pruned.js';
import type { WithEngine } from '../with-engine.js';
import { fitsVolume } from './volume-list.js';

const FILTERS = ['label', 'label!', 'name'] as const;

interface Options {
  readonly all?: boolean;
  readonly force?: boolean;
}

export function defineVolumePrune(command: Command, using: WithEngine): void {
  const collect = (value: string, earlier: readonly string[] = []): string[] => [...earlier, value];
  command
    .command('prune')
    .description('remove anonymous volumes that no container has')
    .option('-a, --all', 'those with names as well')
    .option('-f, --force', 'without asking')
    .option('--filter <filter>', `KEY=VALUE, of ${FILTERS.join(', ')}`, collect)
    .action(({ all = false, force = false }: Options, parsed: Command) =>
      using(parsed, async (engine) => {
        const filters = readFilters(parsed, FILTERS);
        const which = all ? 'all volumes' : 'all anonymous volumes';
        if (!(await confirm(force, `This will remove ${which} that no container has, with their data.`))) return 0;
        const { pruneVolumes } = await import('../../core/system/prune.js');
        const problems = new Problems();
        const fits = (volume: Parameters<typeof fitsVolume>[0]) => fitsVolume(volume, filters);
        const pruned = await pruneVolumes(engine, all, { fits, onError: problems.report });
        tellVolumesGone(engine, pruned.removed);
        printDeleted('Volumes', pruned.removed);
        printReclaimed(pruned);
        return problems.status;
      }),
    );
}

export function tellVolumesGone({ gate, paths }: Engine, names: readonly string[]): void {
  for (const name of names) volumeEvent(gate, paths.runroot, 'destroy', name);
}
