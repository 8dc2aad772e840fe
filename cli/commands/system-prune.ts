import type { Command } from 'commander';
import { add, pruneContainers, pruneImages, pruneVolumes } from '../../core/system/prune.js';
import { confirm } from '../confirm.js';
import { Problems, printDeleted, printReclaimed } from '../pruned.js';
import type { WithEngine } from '../with-engine.js';
import { tellVolumesGone } from './volume-prune.js';

interface Options {
  readonly all?: boolean;
  readonly volumes?: boolean;
  readonly force?: boolean;
}

export function defineSystemPrune(command: Command, using: WithEngine): void {
  command
    .command('prune')
    .description('remove what nothing uses')
    .option('-a, --all', 'all images that no container is made of, not only unpacked files that changed')
    .option('--volumes', 'anonymous volumes that no container has')
    .option('-f, --force', 'without asking')
    .action(({ all = false, volumes = false, force = false }: Options, parsed: Command) =>
      using(parsed, async (engine) => {
        if (!(await confirm(force, warning(all, volumes)))) return 0;
        const problems = new Problems();
        const onError = problems.report;
        // What died engines left first: it may be what uses the rest.
        for (const failure of (await engine.gc()).failures) onError(failure);
        const containers = await pruneContainers(engine, { onError });
        const { pruneNetworks } = await import('../../core/networks/remove.js');
        const networks = await pruneNetworks(engine);
        const gone = volumes ? await pruneVolumes(engine, false, { onError }) : add();
        tellVolumesGone(engine, gone.removed);
        const images = await pruneImages(engine, all, { onError });
        printDeleted('Containers', containers.removed);
        printDeleted(
          'Networks',
          networks.map(({ name }) => name),
        );
        printDeleted('Volumes', gone.removed);
        printDeleted('Images', images.removed);
        printReclaimed(add(containers, gone, images));
        return problems.status;
      }),
    );
}

function warning(all: boolean, volumes: boolean): string {
  const items = [
    'all stopped containers',
    'all networks that no container uses',
    ...(volumes ? ['all anonymous volumes that no container has'] : []),
    all
      ? 'all images that no container is made of, and all unpacked tar files'
      : 'unpacked tar files that changed since',
  ];
  return `This will remove:\n${items.map((item) => `  - ${item}\n`).join('')}`;
}
