import type { Command } from 'commander';
import { confirm } from '../confirm.js';
import { Problems, printDeleted, printReclaimed } from '../pruned.js';
import type { WithEngine } from '../with-engine.js';

export function defineImagePrune(command: Command, using: WithEngine): void {
  command
    .command('prune')
    .description('remove unpacked tar files that changed since')
    .option('-a, --all', 'all images and unpacked tar files that no container is made of')
    .option('-f, --force', 'without asking')
    .action(({ all = false, force = false }: { readonly all?: boolean; readonly force?: boolean }, parsed: Command) =>
      using(parsed, async (engine) => {
        const which = all
          ? 'all images and unpacked tar files that no container is made of'
          : 'unpacked tar files that changed since';
        if (!(await confirm(force, `This will remove ${which}.`))) return 0;
        const { pruneImages } = await import('../../core/system/prune.js');
        const problems = new Problems();
        const pruned = await pruneImages(engine, all, { onError: problems.report });
        printDeleted('Images', pruned.removed);
        printReclaimed(pruned);
        return problems.status;
      }),
    );
}
